// A packet capture as an array of records: read, filtered, sorted, summed per key, on the CPU or with TESSERA_DEVICE=cuda on a GPU.
// Any capture of TCP over IPv4 whose packets all have 66 bytes in the file will do: tcpdump -s 66 -w FILE tcp.
#include <tessera/tessera.hpp>

#include <cstdio>
#include <exception>
#include <string>

using namespace tessera;

namespace {

// What stands in the file, byte for byte: the file's own numbers as the machine that captured writes them, the network's big-endian.
const dtype file_header = record({{"magic", "u4"},
                                  {"version", "u2", {2}},
                                  {"zone", "i4"},
                                  {"accuracy", "u4"},
                                  {"bytes_kept", "u4"},
                                  {"link", "u4"}});
const dtype packet = record({// capture
                             {"seconds", "u4"},
                             {"microseconds", "u4"},
                             {"bytes_kept", "u4"},
                             {"length", "u4"},
                             // Ethernet
                             {"to_mac", "u1", {6}},
                             {"from_mac", "u1", {6}},
                             {"ethertype", ">u2"},
                             // IPv4
                             {"version", "u1"},
                             {"service", "u1"},
                             {"ip_length", ">u2"},
                             {"id", ">u2"},
                             {"fragment", ">u2"},
                             {"hops", "u1"},
                             {"protocol", "u1"},
                             {"ip_checksum", ">u2"},
                             {"from", "u1", {4}},
                             {"to", "u1", {4}},
                             // TCP
                             {"from_port", ">u2"},
                             {"to_port", ">u2"},
                             {"sequence", ">u4"},
                             {"acknowledged", ">u4"},
                             {"header_words", "u1"},
                             {"flags", "u1"},
                             {"window", ">u2"},
                             {"tcp_checksum", ">u2"},
                             {"urgent", ">u2"},
                             {"options", "V12"}});

array read_packets(const std::string& path) {
  const row header(fromfile(path, {.dtype = file_header, .count = 1, .device = cpu()}));
  if (header.get<std::uint32_t>("magic") != 0xa1b2c3d4 || header.get<int>("link") != 1) {
    throw value_error("packets: " + path + " is no capture of Ethernet in this machine's byte order",
                      caller::current());
  }
  const array packets = fromfile(path, {.dtype = packet, .offset = file_header.itemsize()});
  if (!bool(all(packets["bytes_kept"] == packet.itemsize() - 16) & all(packets["ethertype"] == 0x0800) &
            all(packets["protocol"] == 6))) {
    throw value_error("packets: " + path + " has packets that are not 66 bytes of TCP over IPv4", caller::current());
  }
  return packets;
}

void report(const array& packets) {
  print(packets.size(), "packets of", packets.itemsize(), "bytes:", packets.dtype().fields().size(), "fields");
  const array first = packets(0);
  print("from", first["from"], "port", first["from_port"], "to port", first["to_port"]);

  // IP's length less both headers is what the program sent. One pass, no temporaries.
  const expr sent =
      packets["ip_length"].astype(int64) - (packets["version"] & 15) * 4 - (packets["header_words"] >> 4) * 4;
  print("bytes sent:", sum(sent), "in", sum(sent > 0), "packets with content");

  const array answers = packets[(sent > 0) & (packets["from_port"] < 32768)];
  print("answers of servers:", answers.size(),
        "of them at the end of what is sent (PSH):", sum((answers["flags"] & 8) != 0));

  const array longest = sort(packets, {.order = {"length", "from_port"}, .descending = true})(slice(0, 3));
  print("longest:", longest["length"], "from", longest["from_port"]);

  // Sums per key: the server's port.
  const array port = where(packets["from_port"] < 32768, packets["from_port"], packets["to_port"]);
  const auto [ports, bytes] = group_reduce(port, sent, group_fold::sum);
  const auto [same, counts] = unique_counts(port);
  print("ports", ports);
  print("bytes", bytes);
  print("packets", counts);

  // Time stamps are dates.
  const array time = packets["seconds"].astype(int64) * 1'000'000 + packets["microseconds"].astype(int64);
  print("in order of time:", bool(all(diff(time) >= 0)));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    report(read_packets(argc > 1 ? argv[1] : TESSERA_EXAMPLES_DATA "/loopback.pcap"));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
