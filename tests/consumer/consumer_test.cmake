# Installs tessera into a temporary prefix, moves it, and builds and runs three users of it: through find_package,
# through pkg-config with the bare compiler, and as a subproject (run by ctest with cmake -P; see tests/CMakeLists.txt).
# The subproject compiles the library again; with ccache that costs seconds, because sources and options are the same.
cmake_minimum_required(VERSION 3.22)

function(run what)
  message(STATUS "${what}")
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(result)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${what} failed (${result}): ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Builds the consumer project in WORK_DIR/name with the given further options, and runs it.
function(build_and_run name)
  run("${name}: configure" ${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer -B ${WORK_DIR}/${name} -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -D CMAKE_BUILD_TYPE=${CONFIG} ${ARGN})
  run("${name}: build" ${CMAKE_COMMAND} --build ${WORK_DIR}/${name} --parallel 2)
  run("${name}: run" ${WORK_DIR}/${name}/consumer)
  message("${output}")
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
run("install" ${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${WORK_DIR}/staging --config ${CONFIG})
file(RENAME ${WORK_DIR}/staging ${WORK_DIR}/prefix)   # nothing installed may remember where it was installed
set(ENV{LD_LIBRARY_PATH} "")
set(ENV{PKG_CONFIG_PATH} "")
set(ENV{CMAKE_PREFIX_PATH} "")

build_and_run(find_package -D CMAKE_PREFIX_PATH=${WORK_DIR}/prefix)

file(GLOB_RECURSE pc_file ${WORK_DIR}/prefix/tessera.pc)
cmake_path(GET pc_file PARENT_PATH pc_dir)
set(ENV{PKG_CONFIG_PATH} ${pc_dir})
run("pkg-config: flags" pkg-config --cflags --libs tessera)
separate_arguments(flags UNIX_COMMAND "${output}")
run("pkg-config: libdir" pkg-config --variable=libdir tessera)
string(STRIP "${output}" libdir)
file(MAKE_DIRECTORY ${WORK_DIR}/pkg-config)
run("pkg-config: compile" ${COMPILER} -std=c++20 ${SOURCE_DIR}/tests/consumer/main.cpp
  -o ${WORK_DIR}/pkg-config/consumer ${flags} -Wl,-rpath,${libdir})
run("pkg-config: run" ${WORK_DIR}/pkg-config/consumer)
message("${output}")

build_and_run(subproject -D TESSERA_SOURCE=${SOURCE_DIR} -D BUILD_SHARED_LIBS=${SHARED}
  -D TESSERA_CUDA_ARCHITECTURES=75-virtual)   # as the presets for tests, so that ccache has it
