#!/bin/sh
# Plays a competitor of a run that behaves as the first argument says; VALUES: the right result of tiny_add, as JSON.
mode=$1 values=$2
right="{\"shape\": [10], \"values\": $values, \"first\": 0.5}"
if [ "$mode" = missing ]; then echo '{"missing": "no module of that name"}'; exit; fi
if [ "$mode" = broken ]; then echo 'a library is not there' >&2; exit 3; fi
echo '{"ready": "competitor", "version": "1.2", "threads": 1, "device": "cpu"}'
while read -r request; do
  case $mode in
    lies)      echo '{"shape": [10], "values": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "first": 0.5}' ;;
    not_finite) echo '{"shape": [10], "values": [null, 0, 0, 0, 0, 0, 0, 0, 0, 0], "first": 0.5}' ;;
    bends)     echo "{\"shape\": [5, 2], \"values\": $values, \"first\": 0.5}" ;;
    forgets)   echo '{"shape": [10], "values": [1], "first": 0.5}' ;;
    unknown)   echo '{"error": "unknown"}'; continue ;;
    fails)     echo '{"error": "MemoryError: too much"}'; continue ;;
    dies)      echo 'it hurts' >&2; exit 7 ;;
    is_killed) kill -9 $$ ;;
    hangs)     sleep 1000 ;;
    babbles)   echo 'Warning: this is no JSON' ;;
    omits)     echo '{"shape": [10]}' ;;
    *)         echo "$right" ;;
  esac
  read -r go
  case $go in *true*) ;; *) continue ;; esac
  case $mode in
    dies_later)  exit 0 ;;
    hangs_later) sleep 1000 ;;
    no_times)    echo '{"samples": [], "batch": 1}' ;;
    negative)    echo '{"samples": [-1], "batch": 1}' ;;
    *)           echo '{"samples": [0.25, 0.5], "batch": 1}' ;;
  esac
done
