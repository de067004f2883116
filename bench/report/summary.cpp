// A run's results in short, as JSON.
#include <nlohmann/json.hpp>

#include "contests.hpp"
#include "page.hpp"
#include "text.hpp"

namespace bench {
namespace {

using nlohmann::ordered_json;

/// null where it is not known.
ordered_json number(double value) { return known(value) ? ordered_json(value) : ordered_json(nullptr); }

ordered_json workload_summary(const contest& row) {
  ordered_json out = {{"name", row.work->name}, {"group", row.work->group}};
  out["tessera"] = number(row.ours ? row.ours->median : 0);
  out["of_limit"] = number(row.ours ? row.ours->of_limit : 0);
  out["best_peer"] = row.best ? ordered_json(row.best->by) : ordered_json(nullptr);
  out["best"] = number(row.best ? row.best->median : 0);
  out["ratio"] = number(row.ratio());
  out["clear"] = row.ours && row.best && row.is_clear();
  return out;
}

}  // namespace

std::string report_summary(const results& all) {
  ordered_json out = {{"commit", all.commit}, {"date", all.date}, {"cpu", all.machine.cpu}, {"kind", all.kind}};
  out["places"] = ordered_json::array();
  for (const place& where : places(all)) {
    ordered_json one = {{"device", where.device}, {"threads", where.threads}};
    for (const standing& each : standings(all, where)) {
      one["groups"].push_back({{"group", each.group},
                               {"workloads", each.workloads},
                               {"contested", each.contested},
                               {"faster", each.faster},
                               {"best_over_tessera", number(each.mean)},
                               {"numpy_over_tessera", number(each.numpy_mean)}});
    }
    for (const contest& row : contests(all, where)) one["workloads"].push_back(workload_summary(row));
    out["places"].push_back(std::move(one));
  }
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace bench
