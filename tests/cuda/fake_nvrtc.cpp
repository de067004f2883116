// An NVRTC that fails in the way that $FAKE_NVRTC names, for tests/cuda/faults.sh.
#include <nvrtc.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

constexpr char log_text[] = "as it was told";
constexpr char garbage[] = "this is no code";

bool is(std::string_view way) {
  const char* const told = std::getenv("FAKE_NVRTC");
  return told != nullptr && told == way;
}
nvrtcResult unless(std::string_view way) { return is(way) ? NVRTC_ERROR_INTERNAL_ERROR : NVRTC_SUCCESS; }
nvrtcResult give_size(std::size_t* size) {
  *size = is("size") ? 0 : sizeof garbage;
  return NVRTC_SUCCESS;
}
nvrtcResult give_code(char* code) {
  std::memcpy(code, garbage, sizeof garbage);
  return unless("code");
}

}  // namespace

#define SHOWN extern "C" __attribute__((visibility("default")))

SHOWN nvrtcResult nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return unless("version");
}
SHOWN nvrtcResult nvrtcGetNumSupportedArchs(int* count) {
  *count = 1;
  return NVRTC_SUCCESS;
}
SHOWN nvrtcResult nvrtcGetSupportedArchs(int* architectures) {
  *architectures = 75;
  return unless("architectures");
}
SHOWN nvrtcResult nvrtcCreateProgram(nvrtcProgram* made, const char*, const char*, int, const char* const*,
                                     const char* const*) {
  *made = nullptr;
  return unless("create");
}
SHOWN nvrtcResult nvrtcDestroyProgram(nvrtcProgram*) { return NVRTC_SUCCESS; }
SHOWN nvrtcResult nvrtcCompileProgram(nvrtcProgram, int, const char* const*) {
  return is("compile") ? NVRTC_ERROR_COMPILATION : NVRTC_SUCCESS;
}
SHOWN nvrtcResult nvrtcGetPTXSize(nvrtcProgram, std::size_t* size) { return give_size(size); }
SHOWN nvrtcResult nvrtcGetPTX(nvrtcProgram, char* code) { return give_code(code); }
SHOWN nvrtcResult nvrtcGetCUBINSize(nvrtcProgram, std::size_t* size) { return give_size(size); }
SHOWN nvrtcResult nvrtcGetCUBIN(nvrtcProgram, char* code) { return give_code(code); }
SHOWN nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram, std::size_t* size) {
  *size = sizeof log_text;
  return NVRTC_SUCCESS;
}
SHOWN nvrtcResult nvrtcGetProgramLog(nvrtcProgram, char* log) {
  std::memcpy(log, log_text, sizeof log_text);
  return NVRTC_SUCCESS;
}
SHOWN const char* nvrtcGetErrorString(nvrtcResult) { return "NVRTC_ERROR"; }
