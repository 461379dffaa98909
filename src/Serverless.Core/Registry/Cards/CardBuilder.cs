using System.Globalization;
using Serverless.Fairness;
using Serverless.Gating;
using Serverless.Profiles;
using Serverless.Statistics;

namespace Serverless.Registry.Cards;

/// <summary>Puts facts in the order in which people ask for them.</summary>
internal static class CardBuilder
{
    private const int MostPartitions = 12, MostValues = 8, MostGroups = 50, MostFindings = 60;

    public static ModelCard Build(CardContent content)
    {
        var v = content.Version;
        var sections = new List<CardSection?> { Use(content), Data(content), Features(v), Performance(content), Gate(content), Fairness(content.Training?.Fairness), Calibration(content), Limits(content), Decisions(content), Provenance(content) };
        return new ModelCard($"{v.Model}, version {v.Version}", content.Definition?.Description, [.. sections.OfType<CardSection>().Where(s => s.Blocks.Count > 0)]);
    }

    private static CardSection Use(CardContent content)
    {
        var (v, card) = (content.Version, content.Definition?.Card);
        var facts = new List<(string, string)>();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value)) facts.Add((name, value));
        }

        Add("Task", v.Schema.Task.ToString().ToLowerInvariant());
        Add("Predicts", content.Definition?.Label.Text);
        if (v.Schema.Classes.Count is > 0 and <= 30) Add("Answers", string.Join(", ", v.Schema.Classes));
        Add("Owner", card?.Owner);
        Add("Contact", card?.Contact);
        Add("Intended use", card?.IntendedUse);
        Add("Not meant for", card?.OutOfScope);
        Add("Licence", card?.Licence);
        return new CardSection("Use", [new CardFacts(facts)]);
    }

    private static CardSection Data(CardContent content)
    {
        var (l, t) = (content.Version.Lineage, content.Training);
        var facts = new List<(string, string)>
        {
            ("Dataset", $"{l.Dataset}, version {l.DatasetVersion}, contract {l.ContractVersion}"), ("Trained on", $"{Time(l.TrainFrom)} to {Time(l.HoldoutFrom)}{(t is null ? "" : $", {Count(t.TrainRows)} rows")}"),
            ("Evaluated on", $"{Time(l.HoldoutFrom)} to {Time(l.Until)}{(t is null ? "" : $", {Count(t.HoldoutRows)} rows")}"),
        };
        if (t is { UnlabelledRows: > 0 }) facts.Add(("Rows without a label", $"{Count(t.UnlabelledRows)}, left out"));
        var blocks = new List<CardBlock> { new CardFacts(facts) };
        if (l.Data is { Count: > 0 } data)
        {
            blocks.Add(new CardTable(["Partition", "Period", ">Rows", "SHA-256"], [.. data.TakeLast(MostPartitions).Select(p => (IReadOnlyList<string>)[p.Id, p.Key, Count(p.Rows), p.Sha256])]));
            if (data.Count > MostPartitions) blocks.Add(new CardText($"The last {MostPartitions} of {Count(data.Count)} partitions, from {data[0].Key} to {data[^1].Key}. manifest.json lists all of them with their hashes."));
        }
        else
        {
            blocks.Add(new CardText($"{Count(l.Partitions.Count)} partitions, which the manifest lists."));
        }

        foreach (var view in l.Views ?? [])
        {
            blocks.Add(new CardText($"Looked up in {view.Name}: dataset {view.Dataset}, version {view.DatasetVersion}, {Count(view.Partitions.Count)} partitions{(view.Partitions.Count > MostPartitions ? $", of which {MostPartitions} are listed here and all in the manifest" : "")}."));
            if (view.Data is { Count: > 0 } seen) blocks.Add(new CardTable(["Partition", "Period", ">Rows", "SHA-256"], [.. seen.Take(MostPartitions).Select(p => (IReadOnlyList<string>)[p.Id, p.Key, Count(p.Rows), p.Sha256])]));
        }

        return new CardSection("Data", blocks);
    }

    private static CardSection? Features(ModelVersion v) => v.Features is not { Count: > 0 } features ? null
        : new CardSection("Features", [new CardTable(["Feature", "From"], [.. features.Select(f => (IReadOnlyList<string>)[f.Name, f.From])])]);

    private static CardSection Performance(CardContent content)
    {
        var t = content.Training;
        var intervals = t?.Intervals is { Candidate.Count: > 0 } found ? found : null;
        var headings = new List<string> { "Metric", ">This version" };
        if (intervals is not null) headings.Add($">{Percent(intervals.Confidence)} interval");
        if (t?.Metrics.Champion is not null) headings.Add($">Champion (version {t.Champion})");
        if (t?.Metrics.Baseline is not null) headings.Add(">Baseline");
        var rows = content.Version.Metrics.Select(m =>
        {
            var row = new List<string> { m.Key, Number(m.Value) };
            if (intervals is not null) row.Add(intervals.Candidate.TryGetValue(m.Key, out var i) ? $"{Number(i.Lower)} to {Number(i.Upper)}" : "");
            if (t?.Metrics.Champion is { } champion) row.Add(champion.TryGetValue(m.Key, out var c) ? Number(c) : "");
            if (t?.Metrics.Baseline is { } baseline) row.Add(baseline.TryGetValue(m.Key, out var b) ? Number(b) : "");
            return (IReadOnlyList<string>)row;
        });
        var blocks = new List<CardBlock> { new CardText($"On the holdout, which was never trained on.{(intervals is null ? "" : $" Intervals by bootstrap, {Count(intervals.Replicates)} draws of its rows.")}"), new CardTable(headings, [.. rows]) };
        foreach (var (name, difference) in new[] { ("champion", t?.Gate?.Champion), ("baseline", t?.Gate?.Baseline) })
        {
            if (difference is { Interval: { } interval }) blocks.Add(new CardText($"{difference.Metric} minus the {name}'s: {Number(difference.Difference)} ({Range(interval)}{(difference.PValue is { } p ? $", {PValue(p)}" : "")})."));
        }

        if (t?.ChampionSkipped is { } skipped) blocks.Add(new CardText($"The champion was not compared: {skipped}."));
        if (t?.Confusion is { } confusion && confusion.Classes.Count <= 12)
        {
            blocks.Add(new CardText("Rows are what was the case, columns what was answered."));
            blocks.Add(new CardTable(["", .. confusion.Classes.Select(c => ">" + c)], [.. confusion.Classes.Select((c, i) => (IReadOnlyList<string>)[c, .. confusion.Counts[i].Select(Count)])]));
        }

        return new CardSection("Performance", blocks);
    }

    private static CardSection? Gate(CardContent content) => content.Training?.Gate?.Findings is not { Count: > 0 } findings ? null : new CardSection("Gate",
    [
        new CardTable(["Guard", "Part", ">Value", ">Against", "Interval", "Outcome"],
        [
            .. findings.OrderBy(f => f.Outcome).Take(MostFindings).Select(f => (IReadOnlyList<string>)
                [f.Metric is { } m ? $"{f.Guard}: {m}" : f.Guard, f.Slice ?? "", Number(f.Value), Number(f.Reference), f.Interval is { } i ? Range(i) : "", f.Outcome == GateOutcome.NotApplicable ? "not applicable" : f.Outcome.ToString().ToLowerInvariant()]),
        ]),
    ]);

    private static CardSection? Fairness(FairnessReport? report)
    {
        if (report is not { Groupings.Count: > 0 }) return null;
        var blocks = new List<CardBlock>();
        foreach (var grouping in report.Groupings)
        {
            blocks.Add(new CardText($"By {grouping.Grouping}{(grouping.Class is { } c ? $", for the class {c}" : "")}, rates over fewer than {report.MinRows} rows are not compared."));
            var rates = grouping.Groups.SelectMany(g => g.Rates.Keys).Distinct().ToArray();
            blocks.Add(new CardTable(["Group", ">Rows", .. rates.Select(r => ">" + r)],
                [.. grouping.Groups.Take(MostGroups).Select(g => (IReadOnlyList<string>)[g.Group, Count(g.Rows), .. rates.Select(r => g.Rates.TryGetValue(r, out var rate) ? Number(rate.Value) + (rate.Interval is { } i ? $" ({Ends(i)})" : "") : "")])]));
            if (grouping.Disparities.Count > 0)
            {
                blocks.Add(new CardTable(["Measure", ">Difference", ">Ratio", "Highest", "Lowest"],
                    [.. grouping.Disparities.Select(d => (IReadOnlyList<string>)[d.Measure, Number(d.Difference) + (d.DifferenceInterval is { } i ? $" ({Ends(i)})" : ""), Number(d.Ratio), d.Highest ?? "", d.NotApplicable ?? d.Lowest ?? ""])]));
            }
        }

        return new CardSection("Fairness", blocks);
    }

    private static CardSection? Calibration(CardContent content) => content.Training?.Calibration is not { } c ? null : new CardSection("Calibration",
    [
        new CardFacts([("Brier score", Number(c.Brier)), ("Expected calibration error", Number(c.Ece)), ("Largest error of a bin", Number(c.MaxError))]),
        new CardTable([">From", ">To", ">Rows", ">Stated", ">Observed"], [.. c.EqualWidth.Select(b => (IReadOnlyList<string>)[Number(b.From), Number(b.To), Count(b.Rows), Number(b.Stated), Number(b.Observed)])]),
    ]);

    private static CardSection Limits(CardContent content)
    {
        var blocks = new List<CardBlock>();
        if (content.Definition?.Card is { Limits.Count: > 0 } card) blocks.Add(new CardList(card.Limits));
        var contract = content.Dataset?.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var profile = content.Profile?.Columns.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var rows = content.Version.Schema.Inputs.Select(input =>
        {
            var column = contract?.GetValueOrDefault(input.Name);
            var seen = profile?.GetValueOrDefault(input.Name);
            var allowed = column is null ? "" : column.Min is not null || column.Max is not null ? $"{Number(column.Min)} to {Number(column.Max)}" : column.Pattern ?? "";
            var range = seen is null ? "" : input.Type is Datasets.ColumnType.String or Datasets.ColumnType.Boolean ? Values(seen) : seen is { Min: { } least, Max: { } most } ? $"{Value(least)} to {Value(most)}" : "";
            var missing = seen is null || content.Profile!.Rows == 0 ? "" : ((double)seen.Nulls / content.Profile.Rows).ToString("P2", CultureInfo.InvariantCulture);
            return (IReadOnlyList<string>)[input.Name, input.Type.ToString().ToLowerInvariant() + (input.Unit is { } unit ? $", {unit}" : ""), input.Required ? "yes" : "no", allowed, range, missing];
        }).ToArray();
        if (rows.Length > 0)
        {
            blocks.Add(new CardText("What it was given, and what it has seen. Beyond these ranges, and for values that were never seen, its answers are guesses."));
            blocks.Add(new CardTable(["Input", "Type", "Required", "Allowed", "Seen", ">Missing"], rows));
        }

        return new CardSection("Limits", blocks);
    }

    private static CardSection? Decisions(CardContent content) => content.Audit.Count == 0 ? null : new CardSection("Decisions",
        [new CardTable(["When (UTC)", "What", "Who", "Why"], [.. content.Audit.Select(a => (IReadOnlyList<string>)[Time(a.At), a.Action, a.By, a.Comment])])]);

    private static CardSection Provenance(CardContent content)
    {
        var v = content.Version;
        var facts = new List<(string, string)>
        {
            ("Registered", $"{Time(v.CreatedAt)} by run {v.Run}"), ("Trainer", $"{v.Trainer}{(content.Training?.Environment.Library is { } library ? $" ({library})" : "")}, seed {v.Lineage.Seed}"),
        };
        if (v.Lineage.Told().Any()) facts.Add(("Settings", string.Join(", ", v.Lineage.Told().Select(t => $"{t.Key} {t.Value}"))));
        facts.AddRange([("Code", v.Lineage.CodeVersion), ("Workspace", v.Lineage.WorkspaceHash), ("model.zip", $"{Count(v.Bytes)} bytes, SHA-256 {v.Sha256}")]);
        if (content.Training?.Environment is { } e) facts.Add(("Trained on", $"{e.Os}, {e.DotNet}, {e.Cpus} processors"));
        if (content.Signature is { } signature) facts.Add(("Signature", signature));
        if (content.Champion) facts.Add(("In use", "champion"));
        return new CardSection("Provenance", [new CardFacts(facts)]);
    }

    private static string Range(Interval i) => $"{Percent(i.Confidence)} interval {Ends(i)}";

    private static string Percent(double share) => $"{(share * 100).ToString("0.##", CultureInfo.InvariantCulture)} %";

    // No p-value is nothing: it is below what is shown.
    private static string PValue(double p) => p < 0.0001 ? "p < 0.0001" : $"p {Number(p)}";

    // The words themselves: the first and the last of the alphabet say nothing.
    private static string Values(ColumnProfile seen)
    {
        if (seen.Top is not { Count: > 0 } top) return "";
        var named = string.Join(", ", top.Take(MostValues).Select(t => t.Value));
        return seen.Distinct > MostValues ? $"{named} and others, {Count(seen.Distinct)} in all" : named;
    }

    private static string Ends(Interval i) => $"{Number(i.Lower)} to {Number(i.Upper)}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "";

    private static string Value(object value) => value is System.Text.Json.JsonElement json ? json.ToString() : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
