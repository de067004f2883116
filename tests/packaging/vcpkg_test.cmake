# The vcpkg port, run with stand-ins for the functions of vcpkg that it calls, where vcpkg is not to be had: they configure, build and
# install the release half with the distribution's libraries. A user's program is built against what the port leaves in its package
# folder (run by ctest with cmake -P; see tests/CMakeLists.txt).
cmake_minimum_required(VERSION 3.22)
set(PORT tessera)
set(FEATURES core tools)
set(CURRENT_PACKAGES_DIR ${WORK_DIR}/package)
set(build_folder ${SOURCE_DIR}/build-vcpkg)   # one below the sources, as the other builds whose objects ccache knows

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(result)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# ---- Stand-ins -------------------------------------------------------------------------------------------------------
function(vcpkg_check_features)
  cmake_parse_arguments(arg "" "OUT_FEATURE_OPTIONS" "FEATURES" ${ARGN})
  set(options "")
  while(arg_FEATURES)
    list(POP_FRONT arg_FEATURES feature option)
    if(feature IN_LIST FEATURES)
      list(APPEND options -D${option}=ON)
    else()
      list(APPEND options -D${option}=OFF)
    endif()
  endwhile()
  set(${arg_OUT_FEATURE_OPTIONS} "${options}" PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(arg "" "SOURCE_PATH" "OPTIONS" ${ARGN})
  run(${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${build_folder} -G ${GENERATOR} -D CMAKE_BUILD_TYPE=Release -D BUILD_SHARED_LIBS=OFF
    -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR} -D CMAKE_INSTALL_LIBDIR=lib ${arg_OPTIONS})
endfunction()

function(vcpkg_cmake_install)
  run(${CMAKE_COMMAND} --build ${build_folder} --parallel 2)
  run(${CMAKE_COMMAND} --install ${build_folder})
endfunction()

function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(arg "" "CONFIG_PATH" "" ${ARGN})
  file(MAKE_DIRECTORY ${CURRENT_PACKAGES_DIR}/share)
  file(RENAME ${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH} ${CURRENT_PACKAGES_DIR}/share/${PORT})
  file(GLOB files ${CURRENT_PACKAGES_DIR}/share/${PORT}/*.cmake)
  set(up "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
  foreach(file IN LISTS files)   # one folder less above it than in lib/cmake/tessera
    file(READ ${file} text)
    string(REPLACE "\${CMAKE_CURRENT_LIST_DIR}/../../../" "\${CMAKE_CURRENT_LIST_DIR}/../../" text "${text}")
    string(REPLACE "${up}${up}${up}" "${up}${up}" text "${text}")
    file(WRITE ${file} "${text}")
  endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_copy_tools)
  cmake_parse_arguments(arg "AUTO_CLEAN" "" "TOOL_NAMES" ${ARGN})
  file(MAKE_DIRECTORY ${CURRENT_PACKAGES_DIR}/tools/${PORT})
  foreach(tool IN LISTS arg_TOOL_NAMES)
    file(RENAME ${CURRENT_PACKAGES_DIR}/bin/${tool} ${CURRENT_PACKAGES_DIR}/tools/${PORT}/${tool})
  endforeach()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(arg "" "" "FILE_LIST" ${ARGN})
  file(INSTALL ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT} RENAME copyright)
endfunction()

# ---- The test --------------------------------------------------------------------------------------------------------
# What the port names is what the project has: its version, and an option for each feature.
file(READ ${SOURCE_DIR}/packaging/vcpkg/ports/tessera/vcpkg.json manifest)
string(JSON version GET "${manifest}" version)
file(STRINGS ${SOURCE_DIR}/CMakeLists.txt project REGEX "^project\\(tessera VERSION ${version} ")
if(NOT project)
  message(FATAL_ERROR "vcpkg.json has version ${version}, CMakeLists.txt another")
endif()

file(REMOVE_RECURSE ${WORK_DIR})
include(${SOURCE_DIR}/packaging/vcpkg/ports/tessera/portfile.cmake)
foreach(file include/tessera/tessera.hpp lib/libtessera.a share/tessera/tessera-config.cmake share/tessera/copyright share/tessera/usage
    tools/tessera/tessera)
  if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/${file})
    message(FATAL_ERROR "the port leaves no ${file}")
  endif()
endforeach()
run(${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer -B ${WORK_DIR}/consumer -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER}
  -D CMAKE_BUILD_TYPE=Release -D tessera_DIR=${CURRENT_PACKAGES_DIR}/share/tessera)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/consumer)
run(${WORK_DIR}/consumer/consumer)
message("${output}")
run(${CURRENT_PACKAGES_DIR}/tools/tessera/tessera --version)
message("${output}")
