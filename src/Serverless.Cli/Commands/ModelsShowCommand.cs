using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Fairness;
using Serverless.Gating;
using Serverless.Problems;
using Serverless.Registry;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>models show M [V]</c>: versions with their figures and lineage, and every move of the champion.</summary>
internal static class ModelsShowCommand
{
    private const int MostPartitions = 20;

    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var version = new Argument<int?>("VERSION") { Description = "Only this version, in full.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("show", "Versions of a model, and every move of its champion.") { model, version };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            var only = context.Parsed.GetValue(version);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var registry = open.Get<IModelRegistry>();
            var list = await registry.ListAsync(name, context.Cancel);
            var (champion, all) = (list.Champion, list.Versions);
            var versions = only is { } one ? await registry.ManifestAsync(name, one, context.Cancel) is { } manifest ? [manifest] : [] : all;
            if (only is not null && versions.Count == 0) throw new RequestException($"model '{name}' has no version {only}. It has {(all.Count == 0 ? "none" : $"1 to {all[^1].Version}")}.");
            var audit = await registry.AuditAsync(name, context.Cancel);
            var stopped = await open.Get<ITrainingHolds>().FindAsync(name, context.Cancel);
            var fairness = only is null ? null : await open.Get<IFairnessReports>().FindAsync(versions[0].Run, context.Cancel);
            context.Output.Answer(new { models = new[] { new { model = name, champion, stopped, versions, audit, fairness, unreadable = list.Unreadable.Count > 0 ? list.Unreadable : null } } }, screen =>
            {
                if (stopped is not null) screen.Line($"Stopped by its gate at {Cells.Time(stopped.Last.At)} ({stopped.Last.Comment}): no training by itself until 'serverless-ml models resume {name} --comment TEXT'.");
                if (only is null) List(screen, name, champion, versions, audit);
                else Show(screen, versions[0], champion);
                if (only is null) ModelsCommand.Show(screen, list.Unreadable);
                if (fairness is not null) FairnessLines.Show(screen, fairness);
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models show flight-delay", "serverless-ml models show flight-delay 3"],
        };
    }

    private static void List(IAnsiConsole screen, string model, int? champion, IReadOnlyList<ModelVersion> versions, IReadOnlyList<AuditEntry> audit)
    {
        if (versions.Count == 0)
        {
            screen.Line($"{model} has no version yet. Train it with 'serverless-ml train {model}'.");
            return;
        }

        var table = Cells.Table(">Version", "", "Trained (UTC)", "Trainer", "Figures", ">Size");
        foreach (var v in versions)
        {
            var state = v.Version == champion ? "[green]champion[/]" : v.Status switch { VersionStatus.AwaitingApproval => "[yellow]waits[/]", VersionStatus.Rejected => "[red]rejected[/]", VersionStatus.Expired => "[red]expired[/]", _ => "" };
            table.Marked($"{v.Version}", state, Cells.Time(v.CreatedAt)[..16], Markup.Escape(v.Trainer), Markup.Escape(ModelsCommand.Figures(v.Metrics)), Cells.Size(v.Bytes));
        }

        screen.Write(table);
        foreach (var e in audit) screen.Line(ModelsAuditCommand.Line(e));
    }

    private static void Show(IAnsiConsole screen, ModelVersion v, int? champion)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn("").AddColumn("");
        table.Row("version", $"{v.Model} {v.Version}{(v.Version == champion ? " (champion)" : "")}");
        table.Row("status", v.Status == VersionStatus.AwaitingApproval ? $"waits for approval{(v.Approval?.ExpiresAt is { } end ? $" until {Cells.Time(end)}" : "")}" : v.Status.ToString().ToLowerInvariant());
        if (v.Approval is { DecidedBy: { } who, DecidedAt: { } at, Comment: var why }) table.Row("decided", $"by {who} at {Cells.Time(at)}: {why}");
        table.Row("trained (UTC)", Cells.Time(v.CreatedAt));
        table.Row("trainer", $"{v.Trainer} ({string.Join(", ", v.Lineage.Told().Select(t => $"{t.Key} {t.Value}"))}, seed {v.Lineage.Seed})");
        table.Row("figures", string.Join(", ", v.Metrics.Select(m => $"{m.Key} {Cells.Number(m.Value)}")));
        table.Row("data", $"{v.Lineage.Dataset} version {v.Lineage.DatasetVersion}, {Cells.Plural(v.Lineage.Partitions.Count, "partition")}, contract {v.Lineage.ContractVersion}");
        foreach (var view in v.Lineage.Views ?? []) table.Row("looked up", $"{view.Name}: {view.Dataset} version {view.DatasetVersion}, {Cells.Plural(view.Partitions.Count, "partition")}{(view.Definition is { } terms ? $", as of definition {terms.Hash}" : "")}");
        table.Row("trained from", $"{Cells.Time(v.Lineage.TrainFrom)}, evaluated from {Cells.Time(v.Lineage.HoldoutFrom)} to {Cells.Time(v.Lineage.Until)}");
        table.Row("inputs", string.Join(", ", v.Schema.Inputs.Select(i => i.Name)));
        table.Row("run", v.Run);
        table.Row("code", v.Lineage.CodeVersion);
        if (v.Features is { } features) table.Row("features", Markup.Escape(string.Join(", ", features.Select(f => f.Name == f.From ? f.Name : $"{f.Name} = {f.From}"))));
        table.Row("workspace", v.Lineage.WorkspaceHash);
        table.Row("model.zip", $"{Cells.Size(v.Bytes)}, sha-256 {v.Sha256}");
        screen.Write(table);
        if (v.Lineage.Data is not { } data) return;
        var partitions = Cells.Table("Partition", "Period", ">Rows", "SHA-256");
        foreach (var p in data.TakeLast(MostPartitions)) partitions.Row(p.Id, p.Key, $"{p.Rows:N0}", p.Sha256[..16]);
        screen.Write(partitions);
        if (data.Count > MostPartitions) screen.Line($"The last {MostPartitions} of {data.Count} partitions; --json gives all, with the whole hashes.");
    }
}
