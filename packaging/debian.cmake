# Debian packages by CPack: `./dev package`, or in a folder configured with the preset `package` the target `debian`.
#
#   libtessera0.1        the shared library            tessera             the command, with its man page
#   libtessera-dev       headers, CMake, pkg-config    libtessera-cuda0.1  the CUDA module, where it is built
#
# What each depends on is read from its binaries (dpkg-shlibdeps).
find_program(GZIP_PROGRAM gzip)
mark_as_advanced(GZIP_PROGRAM)
if(NOT GZIP_PROGRAM OR NOT BUILD_SHARED_LIBS)
  return()
endif()
set(abi ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})   # as in the SONAME
set(debian_files ${CMAKE_CURRENT_LIST_DIR}/debian)
set(debian_made ${PROJECT_BINARY_DIR}/debian)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The tessera developers")
set(CPACK_PACKAGE_CONTACT "The tessera developers <maintainers@tessera.invalid>" CACHE STRING "Maintainer that the packages name")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")   # each package has its own
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})   # the command and the module need the library

# debian_package(COMPONENT NAME SECTION TARGET SUMMARY TEXT): the package of an installed component; TARGET is what must be built.
set(CPACK_COMPONENTS_ALL "")
set(debian_targets "")
function(debian_package component name section target summary text)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "n-dimensional arrays with NumPy's semantics, ${summary}
Tessera is a C++20 library of n-dimensional arrays that behave as NumPy's do:
shapes, strides, views, dtype promotion, reductions, indexing, sorting.
Expressions run in one pass, in SIMD code chosen for the processor, on all
cores.

${text}" PARENT_SCOPE)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} ${component} PARENT_SCOPE)
  if(target)
    set(CPACK_DEBIAN_${upper}_PACKAGE_SHLIBDEPS ON PARENT_SCOPE)
    set(debian_targets ${debian_targets} ${target} PARENT_SCOPE)
  endif()
  if(NOT component STREQUAL "runtime")
    set(CPACK_COMPONENT_${upper}_DEPENDS runtime PARENT_SCOPE)   # of the same version
  endif()
  install(FILES ${debian_files}/copyright ${debian_made}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name}
    COMPONENT ${component} EXCLUDE_FROM_ALL)
  if(EXISTS ${debian_files}/${component}.overrides)
    install(FILES ${debian_files}/${component}.overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME ${name}
      COMPONENT ${component} EXCLUDE_FROM_ALL)
  endif()
endfunction()

file(MAKE_DIRECTORY ${debian_made})
execute_process(COMMAND ${GZIP_PROGRAM} -9nc ${debian_files}/changelog OUTPUT_FILE ${debian_made}/changelog.gz)
file(WRITE ${debian_made}/shlibs "libtessera ${abi} libtessera${abi} (>= ${PROJECT_VERSION})\n")

debian_package(runtime libtessera${abi} libs tessera "shared library" "This package holds the shared library.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS libtessera-cuda${abi})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${debian_made}/shlibs ${debian_files}/triggers)

debian_package(development libtessera-dev libdevel "" "development files"
  "This package holds the headers, and the files by which CMake and pkg-config\nfind the library.")

if(TARGET tessera_command)
  debian_package(tools tessera science tessera_command "command"
    "This package holds the command: it tells of the machine and the backends\nfound, shows what is in .npy, .npz and safetensors files, and converts them.")
endif()

if(TESSERA_CUDA)
  set(cuda ${CUDAToolkit_VERSION_MAJOR})
  set(cuda_minor ${CUDAToolkit_VERSION_MAJOR}-${CUDAToolkit_VERSION_MINOR})
  debian_package(cuda libtessera-cuda${abi} libs tessera_cuda "CUDA module"
    "This package holds the module that the library opens where a GPU is to be\nused. It needs the runtime, NVRTC and cuBLAS of CUDA ${cuda}, and a driver for\nthem.")
  # All are opened at run time, from where NVIDIA's packages and Debian's put them; without them the library says why no GPU is used.
  set(CPACK_DEBIAN_CUDA_PACKAGE_RECOMMENDS
    "cuda-cudart-${cuda_minor} | libcudart${cuda}, cuda-nvrtc-${cuda_minor} | libnvrtc${cuda}, libcublas-${cuda_minor} | libcublas${cuda}")
endif()

include(CPack)
add_custom_target(debian COMMAND ${CMAKE_CPACK_COMMAND} --config ${PROJECT_BINARY_DIR}/CPackConfig.cmake
  DEPENDS ${debian_targets} USES_TERMINAL VERBATIM COMMENT "Debian packages into ${CPACK_PACKAGE_DIRECTORY}")
