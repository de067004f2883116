// tessera-bench compare: two runs' results beside each other.
#include <cstdio>

#include "../command_line.hpp"
#include "../commands.hpp"
#include "comparison.hpp"
#include "output.hpp"

namespace bench {

int compare_command(int argc, char** argv) {
  CLI::App app("Says what became faster or slower beyond chance between two result files of tessera-bench run.",
               "tessera-bench compare");
  std::string old_file, new_file;
  output_paths out;
  comparison_options options;
  bool all = false, fail_on_slower = false;
  app.add_option("old", old_file, "the earlier result file")->required();
  app.add_option("new", new_file, "the later one")->required();
  add_output_options(app, out);
  app.add_option("--least", options.least, "changes below this share are none")
      ->check(within(0, 10))
      ->capture_default_str();
  app.add_option("--discoveries", options.discoveries, "share of chance among what is called significant")
      ->check(within(0, 1))
      ->capture_default_str();
  app.add_flag("--all", all, "print what is unchanged and the peers too");
  app.add_flag("--fail-on-slower", fail_on_slower,
               "exit with 1 if tessera is slower somewhere, or has no time any more");
  if (const auto code = answered(app, argc, argv)) return *code;
  check_outputs(out, {old_file, new_file});
  const results before = read_results(old_file), after = read_results(new_file);
  const comparison found = compare(before, after, options);
  const bool takes_output = out.markdown == "-" || out.json == "-" || out.html == "-";
  if (!takes_output) write_text("-", comparison_text(found, all));
  write_outputs(
      out, [&] { return comparison_page(found, before, after, options); },
      [&] { return comparison_markdown(found, before, after); }, [&] { return comparison_summary(found); });
  return fail_on_slower && (count(of_tessera(found), verdict::slower) > 0 || !found.lost.empty()) ? 1 : 0;
}

}  // namespace bench
