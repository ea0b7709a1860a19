import { get, type Cardinality as Answer, type NamespaceCost } from "../api";
import { Loading, Problem } from "../components/empty";
import { useData } from "../data";
import { count, counted } from "../format";
import { href, param } from "../router";

const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const mostNames = 12;

// Cardinality tells of each namespace how many series its names and dimensions
// make, and what they cost.
export function Cardinality() {
  const data = useData("cardinality", (signal) => get<Answer>("metrics/cardinality", {}, signal));
  if (data.error && !data.value) return <Problem text={data.error} />;
  if (!data.value) return <Loading />;
  const { namespaces, series, cost, price } = data.value;
  const current = namespaces.find((n) => n.namespace === param("namespace")) ?? namespaces[0];
  return (
    <div class="page sided">
      <nav class="side" aria-label="Namespaces">
        <h2>Namespaces</h2>
        <ul>
          {namespaces.map((n) => (
            <li key={n.namespace}>
              <a href={href("metrics", "cost", { namespace: n.namespace })} aria-current={n === current ? "true" : undefined}>
                <b>{n.namespace}</b>
                <span>{n.series} series · {n.free ? "free" : money.format(n.cost)}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <section class="content graph" aria-label={"Cost of " + current.namespace}>
        <div class="filters">
          <div class="graph-title">
            <h1>{current.namespace}</h1>
            <p class="note">{current.series} series · {current.free ? "metrics of AWS's own, free" : money.format(current.cost) + " a month"}</p>
          </div>
          <p class="note total">All namespaces<br /><b>{money.format(cost)}</b> a month for {counted(series, "custom metric")}</p>
        </div>
        <Dimensions of={current} />
        <Names of={current} />
        <p class="note price">
          Prices of {price.date}, {price.region}: {price.freeMetrics} metrics free, then {price.tiers.map((t) => `$${t.perMonth.toFixed(2)} ${t.metrics ? "for " + count(t.metrics) : "for all others"}`).join(", ")};
          each series with data all month, one for each set of dimensions and name. <a href={price.page} target="_blank" rel="noreferrer">AWS's price page</a>
        </p>
      </section>
    </div>
  );
}

function Dimensions({ of }: { of: NamespaceCost }) {
  if (of.dimensions.length === 0) return <p class="note price">No metric of this namespace has a dimension.</p>;
  const most = Math.max(1, ...of.dimensions.map((d) => d.saved));
  return (
    <table class="rows costs">
      <caption>What each dimension costs</caption>
      <thead>
        <tr><th scope="col">Dimension</th><th scope="col" class="num">Values</th><th scope="col" class="num">Series with it</th><th scope="col" class="num">Fewer without it</th><th scope="col"><span class="hidden">Share</span></th><th scope="col" class="num">It costs a month</th><th scope="col" class="wide">Values of most series</th></tr>
      </thead>
      <tbody>
        {of.dimensions.map((d) => (
          <tr key={d.name}>
            <td><b>{d.name}</b></td>
            <td class="num">{count(d.values)}</td>
            <td class="num">{count(d.series)}</td>
            <td class="num">{count(d.saved)}</td>
            <td class="share"><span style={{ width: (100 * d.saved) / most + "%" }} /></td>
            <td class="num">{of.free ? "free" : money.format(d.cost)}</td>
            <td class="wide dim sample">{d.sample.join(", ")}{d.values > d.sample.length && ", …"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Names({ of }: { of: NamespaceCost }) {
  const shown = of.names.slice(0, mostNames);
  return (
    <table class="rows costs">
      <caption>Series by name</caption>
      <thead><tr><th scope="col">Metric</th><th scope="col" class="num">Series</th><th scope="col" class="num">A month</th></tr></thead>
      <tbody>
        {shown.map((n) => <tr key={n.name}><td>{n.name}</td><td class="num">{count(n.series)}</td><td class="num">{of.free ? "free" : money.format(n.cost)}</td></tr>)}
        {of.names.length > shown.length && <tr><td colSpan={3} class="dim">and {counted(of.names.length - shown.length, "other name")}</td></tr>}
      </tbody>
    </table>
  );
}
