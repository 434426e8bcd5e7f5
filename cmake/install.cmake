# SPDX-License-Identifier: MIT
# cmake --install: header, library, program, pkg-config file, CMake package. The installed tree can be moved.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nephos)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS nephos EXPORT nephosTargets)
install(DIRECTORY include/nephos TYPE INCLUDE)
install(DIRECTORY assets/configs DESTINATION ${CMAKE_INSTALL_DATADIR}/nephos)
install(EXPORT nephosTargets NAMESPACE nephos:: DESTINATION ${package_dir})
if(NEPHOS_CLI)
  file(RELATIVE_PATH library_from_program /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(nephos_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${library_from_program}")
  install(TARGETS nephos_cli)
endif()

configure_package_config_file(cmake/nephosConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/nephosConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before version 1 a new minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/nephosConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/nephosConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/nephosConfigVersion.cmake DESTINATION ${package_dir})

file(RELATIVE_PATH prefix_from_pc /${pkgconfig_dir} /)
configure_file(cmake/nephos.pc.in ${CMAKE_CURRENT_BINARY_DIR}/nephos.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/nephos.pc DESTINATION ${pkgconfig_dir})
