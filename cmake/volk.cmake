# SPDX-License-Identifier: MIT
# volk loads Vulkan at run time, so the program starts on machines without a Vulkan loader. Old packages ship only the sources.
find_package(Vulkan REQUIRED)
find_path(VOLK_INCLUDE_DIR volk.h REQUIRED)
find_file(VOLK_SOURCE volk.c PATHS ${VOLK_INCLUDE_DIR} REQUIRED)
add_library(nephos_volk OBJECT ${VOLK_SOURCE})
target_compile_definitions(nephos_volk PUBLIC VK_NO_PROTOTYPES)
target_compile_options(nephos_volk PRIVATE -w)
target_include_directories(nephos_volk PUBLIC ${VOLK_INCLUDE_DIR} ${Vulkan_INCLUDE_DIRS})
target_link_libraries(nephos_volk PUBLIC ${CMAKE_DL_LIBS})
