// SciPy's distances for every metric, its weights and parameters, and what degenerates (tests/data/distances.json).
#include "ops/distances_cases.hpp"

TEST(distances_values, are_scipys) { tessera_test::replay_distances(tessera::cpu()); }
