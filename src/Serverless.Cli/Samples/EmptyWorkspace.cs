namespace Serverless.Cli.Samples;

/// <summary>A workspace without data, with files to fill in.</summary>
internal static class EmptyWorkspace
{
    public static IReadOnlyList<string> NextSteps { get; } =
    [
        "describe your data in datasets/<dataset>.yaml (datasets/example.yaml.txt shows how; 'serverless-ml profile FILE' shows what is in them)",
        "serverless-ml ingest <dataset> FILE...",
        "describe a model in models/<model>.yaml (models/example.yaml.txt shows how)",
        "serverless-ml train <model>",
    ];

    public static void Write(string folder)
    {
        var name = new string(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)).ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').ToArray()).Trim('-');
        var files = new (string Path, string Text)[]
        {
            ("serverless.yaml", Workspace.Replace("NAME", name.Length > 0 ? name : "workspace", StringComparison.Ordinal)),
            ("datasets/example.yaml.txt", Dataset),
            ("models/example.yaml.txt", Model),
        };
        NewFolder.Claim(folder, files.Select(f => f.Path));
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        NewFolder.WriteIgnore(folder);
    }

    private const string Workspace = """
        # A workspace: this file, the data it takes in (datasets/), the models it trains (models/).
        name: NAME
        storage: local                      # a folder, .serverless, beside this file

        # Without keys, the API answers on this machine only. A key is never written here: name the variable that holds it.
        # apiKeys:
        #   - { name: shop, env: SHOP_KEY, scopes: [predict] }

        """;

    private const string Dataset = """
        # Rename to <dataset>.yaml and say what a row is.
        dataset: sales
        description: one row for each sale
        partition: { column: date, grain: day }          # or { by: arrival, grain: day }; day | month | hour

        # Only these columns are stored. A row that breaks the contract goes to quarantine with the reason; the others go on.
        columns:
          date:   { type: timestamp, required: true }
          amount: { type: number, unit: EUR, min: 0 }
          shop:   { type: string, required: true }

        # Looked at in every partition. severity: info | warning | error | critical; error and up keep it out of training.
        checks:
          - { check: size, min: 1, severity: error }
          - { check: completeness, column: amount, min: 0.95, severity: warning }

        """;

    private const string Model = """
        # Rename to <model>.yaml and say what to learn.
        model: large-sale
        task: binary                                     # binary | multiclass | regression
        dataset: sales
        label: amount > 100
        features:
          hour: date.Hour
          weekday: int(date.DayOfWeek)
          shop: { from: shop, encode: category }
        trainer: { name: lightgbm, iterations: 100, leaves: 31, seed: 42 }
        holdout: 7d                                      # the last days, never trained on
        gate: { metric: auc, min: 0.60, tolerance: 0.005 }

        """;
}
