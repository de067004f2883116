// Dates and durations: read from text, selected by comparison with text, and counted.
#include <tessera/tessera.hpp>

using namespace tessera;

int main() {
  // [dates]
  array d({"2024-01-31", "2024-02-29", "NaT"}, "M8[D]");
  array sampled = array({"2024-01-01T12:30", "2024-01-01T12:31:05.25"}, "M8");  // datetime64[ms]: what the texts need
  array week = arange("2024-02-26", "2024-03-04", "M8[D]");
  array later = d + timedelta(36, time_unit::h);      // datetime64[h]: the coarsest unit that holds both
  array ages = "2024-03-01" - d;                      // timedelta64[D]
  array leap = (d > "2024-02-15") & (d < "2024-03");  // one pass
  array known = where(isnat(d), "1970-01-01", d);
  d(2) = "2024-12-24";
  // [/dates]
  print(repr(later));
  print(repr(sampled));
  print(repr(ages));
  print(leap, known, d);
  print(week[week.astype("M8[M]") == "2024-02"]);
  print("days in all:", sum(ages[isfinite(ages)]), "on average:", mean(ages[isfinite(ages)]));
}
