/** One line of the text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusPage {
  readonly samples: readonly Sample[];
  /** Family → type. */
  readonly types: ReadonlyMap<string, string>;
  /** The value of the sample that has these labels and no others. */
  valueOf(name: string, labels: Readonly<Record<string, string>>): number | undefined;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[-+0-9.e]+)$/i;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

/**
 * Reads Prometheus' text format as strictly as a scraper does: every sample is of a declared family.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parsePrometheus(text: string): PrometheusPage {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  for (const one of text.split('\n').filter((given) => given !== '')) {
    const [, family, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(one) ?? [];
    if (family !== undefined && type !== undefined) types.set(family, type);
    else if (!one.startsWith('# HELP ')) samples.push(parseSample(one, types));
  }
  const same = (a: Sample['labels'], b: Sample['labels']): boolean =>
    JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
  return {
    samples,
    types,
    valueOf: (name, labels) => samples.find((one) => one.name === name && same(one.labels, labels))?.value,
  };
}

function parseSample(text: string, types: ReadonlyMap<string, string>): Sample {
  const [, name, labelText = '', value] = line.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error(`no sample: ${text}`);
  const family = name.replace(/_(?:bucket|sum|count)$/, '');
  if (!types.has(name) && !types.has(family)) throw new Error(`no type for ${name}`);
  const found = [...labelText.matchAll(label)];
  if (found.map(([whole]) => whole).join('') !== labelText) throw new Error(`labels of: ${text}`);
  const labels = Object.fromEntries(found.map(([, key = '', given = '']) => [key, given]));
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}
