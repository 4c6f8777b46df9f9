/* The loop of periodic_run.py. Every number comes from the generated functions above; the loop only hands them on. */
function drive(setting, logged) {
  const rule = DWMGRAD[setting.signal + "/" + setting.schedule];
  const o = {
    alpha: setting.alpha, gamma: setting.gamma, delta: setting.delta, omega0: Math.min(5, setting.delta),
    eps: setting.eps, epoch: Infinity,
  };
  const wanted = new Set(logged);
  let k = rule.start(o), c = {G: 0, V: 0}, x = setting.start;
  let sums = [[0, 0], [0, 0], [0, 0]], before = 0, first = 0, violations = 0;
  const path = [];
  const regret = () => Math.max(...[1, 2].map((i) => (sums[0][0] - sums[i][0]) + (sums[0][1] - sums[i][1])));
  for (let t = 1; t <= setting.steps; t++) {
    const [value, g] = loss(setting.C, setting.k, t, x);
    const each = [value, loss(setting.C, setting.k, t, -1)[0], loss(setting.C, setting.k, t, 1)[0]];
    sums = sums.map((sum, i) => added(sum[0], sum[1], each[i]));
    const theta = x;
    k = rule.shared(o, k, value);
    [c, x] = rule.coord(o, k, c, x, g);
    const h = rule.preconditioner(o, k, c);
    x = projected(x, -1, 1);
    if (t > 1 && h < before) {
      first = first || t;
      violations += 1;
    }
    before = h;
    if (wanted.has(t)) path.push([t, theta, regret() / t, k.omega]);
  }
  return {theta: x, regret: regret(), window: k.omega, first_violation: first, violations: violations, path: path};
}
