// Draws the tables of the page as plots. The table is the truth, and stays there for who does not see the drawing.
(function () {
  // English is that of Europe: the day comes before the month.
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const HEIGHT = 220;

  // Steps between the marks on an axis: whole numbers, whole units of size, and of time.
  const powers = (base, steps) => [0, 1, 2, 3, 4].flatMap((power) => steps.map((step) => step * base ** power));
  const STEPS = {
    number: powers(1000, [1, 2, 5, 10, 20, 50, 100, 200, 500]),
    bytes: powers(1024, [1, 2, 5, 10, 20, 50, 100, 200, 500]),
    seconds: [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400],
  };
  const DAY = 86400;

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
    const gaps = data[0].slice(1).map((stamp, at) => stamp - data[0][at]);
    const room = 0.6 * Math.min(7 * DAY, ...gaps);
    place.replaceChildren();
    return new uPlot({
      width: place.clientWidth,
      height: HEIGHT,
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: plot.dataset.plot === "line" } },
      scales: {
        x: { range: (_, low, high) => [low - room, high + room] },
        y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] },
      },
      axes: [
        { stroke: ink, grid: { show: false }, ticks: grid, space: 70, incrs: [1, 2, 7, 14, 28, 91].map((days) => days * DAY), values: (_, marks) => marks.map((mark) => day.format(mark * 1000)) },
        { stroke: ink, grid, ticks: grid, size: 64, incrs: STEPS[plot.dataset.unit], values: (_, marks) => marks.map(format) },
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
