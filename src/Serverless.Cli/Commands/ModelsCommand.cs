using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Registry;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>models</c> and what is done with them.</summary>
internal static class ModelsCommand
{
    private sealed record Row(string Model, int? Champion, IReadOnlyList<ModelVersion> Versions);

    public static CommandSpec Create()
    {
        var command = new Command("models", "List models; show one; promote, approve, reject a version; roll back.");
        return new CommandSpec(command, async context =>
        {
            await using var open = context.Open(Parts.Store);
            var registry = open.Get<IModelRegistry>();
            var (rows, unreadable) = (new List<Row>(), new List<UnreadableRecord>());
            var names = (await registry.ModelsAsync(context.Cancel)).Union(open.Workspace.Models.Keys).Order(StringComparer.Ordinal);
            foreach (var name in names)
            {
                var list = await registry.ListAsync(name, context.Cancel);
                rows.Add(new Row(name, list.Champion, list.Versions));
                unreadable.AddRange(list.Unreadable);
            }

            context.Output.Answer(new { models = rows.Select(r => Document(open, r)), unreadable = unreadable.Count > 0 ? unreadable : null }, screen =>
            {
                Show(screen, open, rows);
                Show(screen, unreadable);
            });
            return ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml models", "serverless-ml models show flight-delay", "serverless-ml models promote flight-delay 3 --comment \"better in the evening\"",
                "serverless-ml models rollback flight-delay --comment \"complaints since noon\"",
            ],
            Subcommands = [ModelsShowCommand.Create(), .. ModelsMoveCommand.CreateAll(), ModelsAuditCommand.Create(), ModelsResumeCommand.Create(), ModelsSignCommand.Create(), ModelsVerifyCommand.Create(), ModelsImportCommand.Create(), ModelsPerformanceCommand.Create(), ModelsCardCommand.Create()],
        };
    }

    /// <summary>Throws, with a hint, when neither the workspace nor the registry knows the model.</summary>
    public static async Task KnownAsync(OpenWorkspace open, string model, CancellationToken cancel)
    {
        if (open.Workspace.Models.ContainsKey(model)) return;
        var registered = await open.Get<IModelRegistry>().ModelsAsync(cancel);
        if (!registered.Contains(model)) throw new RequestException($"model '{model}' is not in this workspace{Suggest.Ending(model, registered.Union(open.Workspace.Models.Keys))}");
    }

    /// <summary>What could not be shown, and why.</summary>
    public static void Show(IAnsiConsole screen, IReadOnlyList<UnreadableRecord> unreadable)
    {
        foreach (var record in unreadable) screen.Line($"Not shown: {record.Problem}");
    }

    private static object Document(OpenWorkspace open, Row row) => new
    {
        model = row.Model,
        task = row.Versions.Count > 0 ? row.Versions[^1].Schema.Task : open.Workspace.Models.GetValueOrDefault(row.Model)?.Task,
        champion = row.Champion,
        latest = row.Versions.Count > 0 ? row.Versions[^1].Version : (int?)null,
        versions = row.Versions.Count,
        metrics = row.Versions.FirstOrDefault(v => v.Version == row.Champion)?.Metrics,
    };

    private static void Show(IAnsiConsole screen, OpenWorkspace open, List<Row> rows)
    {
        if (rows.Count == 0)
        {
            screen.Line("There are no models. Describe one in models/<model>.yaml.");
            return;
        }

        var table = Cells.Table("Model", "Task", ">Champion", ">Versions", "Trained (UTC)", "Figures");
        foreach (var row in rows)
        {
            var champion = row.Versions.FirstOrDefault(v => v.Version == row.Champion);
            var task = champion?.Schema.Task ?? open.Workspace.Models.GetValueOrDefault(row.Model)?.Task ?? row.Versions.LastOrDefault()?.Schema.Task;
            table.Row(row.Model, $"{task}".ToLowerInvariant(), $"{row.Champion}", $"{row.Versions.Count}", champion is null ? "" : Cells.Time(champion.CreatedAt)[..10],
                champion is null ? row.Champion is null ? "not trained" : "cannot be read" : Figures(champion.Metrics, 1));
        }

        screen.Write(table);
    }

    public static string Figures(IReadOnlyDictionary<string, double> metrics, int most = 2) => string.Join(", ", metrics.Take(most).Select(m => $"{m.Key} {Cells.Number(m.Value)}"));
}
