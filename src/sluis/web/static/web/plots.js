// Draws the tables of the page as plots. The table is the truth, and stays there for who does not see the drawing.
(function () {
  const language = document.documentElement.lang;
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const HEIGHT = 220;

  const UNITS = {
    number: (value) => compact.format(value),
    bytes: (value) => {
      const names = ["B", "kB", "MB", "GB", "TB"];
      let at = 0;
      while (value >= 1024 && at < names.length - 1) { value /= 1024; at += 1; }
      return `${compact.format(value)} ${names[at]}`;
    },
    seconds: (value) => {
      if (value >= 3600) return `${compact.format(value / 3600)} ${language.startsWith("nl") ? "u" : "h"}`;
      return value >= 60 ? `${compact.format(value / 60)} min` : `${compact.format(value)} s`;
    },
  };

  // The newest day stands first in the table, and last in the drawing.
  function read(table) {
    const rows = [...table.tBodies[0].rows].reverse();
    const days = rows.map((row) => Date.parse(row.cells[0].dataset.day) / 1000);
    const many = rows.length ? rows[0].cells.length - 1 : 0;
    const series = Array.from({ length: many }, (_, at) => rows.map((row) => Number(row.cells[at + 1].dataset.value)));
    return { data: [days, ...series], shown: rows.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)) };
  }

  function colour(style, name) { return style.getPropertyValue(name).trim(); }

  function serie(style, kind, at, of) {
    const stroke = colour(style, `--plot-${at + 1}`);
    if (kind === "line") return { stroke, width: 2, points: { show: true, size: 5, fill: stroke } };
    // Bars of several series stand beside each other.
    const paths = uPlot.paths.bars({ size: [0.7 / of, 28 / of], align: of === 1 ? 0 : at === 0 ? -1 : 1 });
    return { stroke, fill: stroke, width: 0, paths, points: { show: false } };
  }

  function draw(plot) {
    const place = plot.querySelector(".plot-drawing");
    const { data, shown } = read(document.getElementById(plot.dataset.table));
    const style = getComputedStyle(plot);
    const ink = colour(style, "--plot-ink");
    const grid = { stroke: colour(style, "--plot-grid"), width: 1 };
    const reads = [...plot.querySelectorAll(".plot-read")];
    const format = UNITS[plot.dataset.unit];
    const half = 43200;
    place.replaceChildren();
    return new uPlot({
      width: place.clientWidth,
      height: HEIGHT,
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: plot.dataset.plot === "line" } },
      scales: {
        x: { range: (_, low, high) => [low - half, high + half] },
        y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] },
      },
      axes: [
        { stroke: ink, grid: { show: false }, ticks: grid, space: 70, incrs: [86400, 7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400], values: (_, marks) => marks.map((mark) => day.format(mark * 1000)) },
        { stroke: ink, grid, ticks: grid, size: 64, values: (_, marks) => marks.map(format) },
      ],
      series: [{}, ...data.slice(1).map((_, at, all) => serie(style, plot.dataset.plot, at, all.length))],
      hooks: {
        setCursor: [(drawing) => reads.forEach((part, at) => {
          const here = drawing.cursor.idx;
          part.textContent = here === null || here === undefined ? "" : `${shown[here][at]} (${day.format(data[0][here] * 1000)})`;
        })],
      },
    }, data, place);
  }

  for (const plot of document.querySelectorAll("[data-plot]")) {
    let drawing = draw(plot);
    const again = () => { drawing.destroy(); drawing = draw(plot); };
    new ResizeObserver(() => drawing.setSize({ width: plot.clientWidth, height: HEIGHT })).observe(plot);
    new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  }
})();
