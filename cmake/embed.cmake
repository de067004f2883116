# Makes text files part of the program.
#
#   tessera_embed(OUTPUT FILE…)   writes a C++ file that defines NAME_text, a std::string_view, for each NAME.cuh, and
#                                 metric_NAME_text for each metrics/NAME-inl.hpp, sampler_NAME_text for each of samplers;
#                                 configures anew when one of them changes
function(tessera_embed output)
  set(text "// Made by cmake/embed.cmake from src/cuda/device, src/metrics and src/samplers.\n#include \"cuda/device_text.hpp\"\n\n"
    "namespace tessera::detail::cuda {\n")
  list(JOIN text "" text)
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    cmake_path(GET file STEM name)
    cmake_path(GET file PARENT_PATH folder)
    cmake_path(GET folder FILENAME folder)  # metrics, samplers
    string(REGEX REPLACE "s$" "" folder ${folder})
    string(REGEX REPLACE "^(.*)-inl$" "${folder}_\\1" name ${name})
    file(READ ${file} content)
    string(APPEND text "const std::string_view ${name}_text = R\"tessera(${content})tessera\";\n")
  endforeach()
  string(APPEND text "}  // namespace tessera::detail::cuda\n")
  file(CONFIGURE OUTPUT ${output} CONTENT "${text}" @ONLY)
endfunction()
