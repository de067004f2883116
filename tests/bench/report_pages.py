"""Runs `tessera-bench report` and `compare` on results made here and reads its pages as XML: they are well formed, need nothing from elsewhere,
show every name as it is, and each picture has a title and a description.

    report_pages.py BENCH        BENCH: a built tessera-bench
"""
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

BENCH = sys.argv.pop()
HOSTILE = "<b onload=\"x('&')\">]]>&amp;|`\u0001é"


def timing(by, median, threads=1, device="cpu", **more):
    return {"by": by, "device": device, "threads": threads, "median": median, "minimum": median * .9, "quartile1": median * .95,
            "quartile3": median * 1.05, "repetitions": 9, "first": median * 3, "of_limit": .5, **more}


def workload(name, group="elementwise", timings=(), **more):
    return {"name": name, "group": group, "formula": "a + b", "bound": "memory", "bytes": 1e6, "flops": 1e5, "timings": list(timings),
            **more}


def document(workloads=(), **more):
    return {"format": 1, "kind": "quick", "commit": "1282e02", "date": "2026-11-30T18:00:00Z", "workloads": list(workloads), **more}


LIMITS = {"bandwidths": [{"device": "cpu", "threads": t, "working_set": s, "read": r, "copy": r, "triad": r}
                         for t, s, r in ((1, 1 << 14, 5e11), (1, 1 << 28, 4e10), (2, 1 << 14, 1e12), (2, 1 << 28, 5e10))],
          "peaks": [{"device": "cpu", "threads": t, "float32": 1e11 * t, "float64": 5e10 * t} for t in (1, 2)],
          "links": [{"device": "cuda:0", "launch": 4e-6, "to_device": 5e10, "from_device": 5e10}]}
MACHINE = {"cpu": "A processor", "cores": 2, "simd": "AVX2", "memory": 1 << 34,
           "caches": [{"level": 1, "kind": "data", "bytes": 32768, "cores": 1}, {"level": 2, "kind": "unified", "bytes": 1 << 20, "cores": 1}],
           "gpus": [{"device": "cuda:0", "name": "A GPU", "compute_capability": 90}]}


def everything(name="add", peer="numpy"):
    times = [timing("tessera", 1e-3, t) for t in (1, 2)] + [timing(peer, 2e-3, t) for t in (1, 2)]
    times += [timing("tessera", 1e-5, 1, "cuda:0", to_device=1e-4, from_device=1e-4), timing("jax", 1e-4, error="element 3 is 1")]
    sizes = [workload(f"{name}@{n}", timings=[timing("tessera", n * 1e-9), timing(peer, n * 2e-9)], sweep=name, extent=n, bytes=12 * n)
             for n in (1000, 100000, 10000000)]
    models = [{"gpu": "H100", "launches": 1, "instructions": 1e6, "bytes": 1e6, "seconds": 1e-6, "bound": "memory"}]
    return document([workload(name, timings=times, models=models), *sizes], machine=MACHINE, measured_limits=LIMITS,
                    versions={peer: "2.4"}, absent={"torch": "No module named torch"})


class Report(unittest.TestCase):
    def page(self, results):
        with tempfile.TemporaryDirectory() as folder:
            source, target = pathlib.Path(folder, "run.json"), pathlib.Path(folder, "run.html")
            source.write_text(json.dumps(results))
            subprocess.run([BENCH, "report", source], check=True, capture_output=True)
            return ElementTree.fromstring(target.read_text(encoding="utf-8"))

    def texts(self, page):
        return " ".join(page.find("body/main").itertext())

    def ids(self, page):
        return [section.get("id") for section in page.iter("section")]

    def test_has_all_sections_when_there_is_everything(self):
        self.assertEqual(self.ids(self.page(everything())), ["headline", "machine", "limits", "roofline", "ratios", "sizes", "threads", "device",
                                                             "tables", "modelled", "failures"])

    def test_pictures_have_titles_and_descriptions_and_ids_are_unique(self):
        page = self.page(everything())
        svg = "{http://www.w3.org/2000/svg}"
        charts = [chart for chart in page.iter(svg + "svg") if chart.get("role") == "img"]
        self.assertGreater(len(charts), 8)
        for chart in charts:
            known = {element.get("id"): element.text for element in chart if element.tag in (svg + "title", svg + "desc")}
            self.assertEqual(chart.get("aria-labelledby").split(), list(known))
            self.assertTrue(all(known.values()))
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        self.assertEqual(len(ids), len(set(ids)))

    def test_coordinates_are_numbers_inside_the_picture(self):
        for chart in self.page(everything()).iter("{http://www.w3.org/2000/svg}svg"):
            width, height = map(float, chart.get("viewBox").split()[2:])
            for element in chart.iter():
                for name, most in itertools.product(("x", "cx", "x1", "x2"), (width,)):
                    self.assertTrue(-1 <= float(element.get(name, 0)) <= most + 1, (element.tag, element.attrib))
                for name, most in itertools.product(("y", "cy", "y1", "y2"), (height,)):
                    self.assertTrue(-1 <= float(element.get(name, 0)) <= most + 1, (element.tag, element.attrib))

    def test_needs_nothing_from_elsewhere(self):
        for element in self.page(everything()).iter():
            self.assertNotIn(element.tag, ("link", "img", "iframe"))
            self.assertIsNone(element.get("src"))
            self.assertTrue(element.get("href", "#").startswith("#"))

    def test_shows_hostile_names_as_text(self):
        page = self.page(everything(HOSTILE, HOSTILE + "2"))
        self.assertIn(HOSTILE.replace("\u0001", "\ufffd"), self.texts(page))
        self.assertEqual([element for element in page.iter() if element.get("onload")], [])

    def test_of_nothing(self):
        self.assertEqual(self.ids(self.page(document())), ["headline", "machine", "failures"])

    def test_of_one_workload_without_peers_and_limits(self):
        page = self.page(document([workload("add", timings=[timing("tessera", 1e-3)])]))
        self.assertEqual(self.ids(page), ["headline", "machine", "roofline", "tables", "failures"])

    def test_of_peers_alone(self):
        self.assertIn("no times of tessera", self.texts(self.page(document([workload("add", timings=[timing("numpy", 1e-3)])]))))

    def test_of_times_and_sizes_that_are_not_known(self):
        zero = workload("add", timings=[timing("tessera", 0), timing("numpy", 0)], bytes=0, flops=0)
        sizes = [workload(f"s{n}", timings=[timing("tessera", 1e-3), timing("numpy", 0)], sweep="add", bytes=n) for n in (0, 0, 5)]
        limits = {"bandwidths": [{"device": "cpu", "working_set": 1024}], "peaks": [{"device": "cpu"}]}
        self.assertNotRegex(self.texts(self.page(document([zero, *sizes], measured_limits=limits))), r"\b(nan|inf)\b")

    def compare(self, before, after, *options):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, name) for name in ("old.json", "new.json", "page.html")]
            for path, results in zip(paths, (before, after)):
                path.write_text(json.dumps(results))
            ran = subprocess.run([BENCH, "compare", *paths[:2], "--html", paths[2], *options], capture_output=True, encoding="utf-8")
            return ran.returncode, ran.stdout, ElementTree.fromstring(paths[2].read_text(encoding="utf-8"))

    def test_a_comparison_fails_when_asked_to_and_something_is_slower(self):
        before = document([workload(HOSTILE, timings=[timing("tessera", 1e-3)])])
        slower = document([workload(HOSTILE, timings=[timing("tessera", 2e-3)])])
        for after, options, status in ((slower, (), 0), (slower, ("--fail-on-slower",), 1), (before, ("--fail-on-slower",), 0),
                                       (document(), ("--fail-on-slower",), 1)):
            code, printed, page = self.compare(before, after, *options)
            self.assertEqual(code, status)
            self.assertEqual("slower  " in printed, after is slower)
            self.assertIn("What changed", self.texts(page))

    def test_bad_files_are_errors_with_their_name(self):
        for command in (["report", "no-such.json"], ["compare", "no-such.json", "no-such.json"]):
            ran = subprocess.run([BENCH, *command], capture_output=True, encoding="utf-8")
            self.assertEqual((ran.returncode, ran.stderr), (2, "tessera-bench: cannot read no-such.json\n"))


if __name__ == "__main__":
    unittest.main()
