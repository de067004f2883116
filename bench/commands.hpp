// The subcommands of tessera-bench, each in a file of its own; main.cpp has the table of their names.
#pragma once

namespace bench {

// argv[0] is the subcommand's name. Each returns the exit code of the program; what it throws is printed, and the code is 2.

int compare_command(int argc, char** argv);  // report/compare_command.cpp
int count_command(int argc, char** argv);    // model/count.cpp
int limits_command(int argc, char** argv);   // limits/command.cpp
int model_command(int argc, char** argv);    // model/command.cpp
int report_command(int argc, char** argv);   // report/report_command.cpp
int run_command(int argc, char** argv);      // run/run.cpp
int worker_command(int argc, char** argv);   // run/worker.cpp

}  // namespace bench
