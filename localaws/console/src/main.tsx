import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./styles/traces.css";
import "./styles/map.css";
import "./styles/logs.css";
import "./styles/insights.css";
import "./styles/metrics.css";
import "./styles/sampling.css";
import "./styles/refused.css";
import { App } from "./app";
import { connect } from "./live";

connect();
render(<App />, document.getElementById("app")!);
