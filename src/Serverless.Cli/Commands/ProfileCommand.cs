using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Partitions;
using Spectre.Console;
using Profile = Serverless.Profiles.Profile;

namespace Serverless.Cli.Commands;

/// <summary><c>profile FILE|DATASET</c>: what the data look like, column by column.</summary>
internal static class ProfileCommand
{
    public static CommandSpec Create()
    {
        var subject = new Argument<string>("FILE|DATASET") { Description = "Any CSV, JSON Lines or Parquet file, or a dataset of the workspace." };
        var date = new Option<string?>("--date") { Description = "Only the partitions of this period: 2001-01-05 or 2001-01.", HelpName = "PERIOD" };
        var command = new Command("profile", "Show what the data look like, column by column.") { subject, date };
        return new CommandSpec(command, async context =>
        {
            var word = context.Parsed.GetRequiredValue(subject);
            var profile = await ReadAsync(context, word, context.Parsed.GetValue(date));
            context.Output.Answer(new { rows = profile.Rows, columns = profile.Columns }, screen => Show(screen, word, profile));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml profile new.csv", "serverless-ml profile flights --date 2001-01"],
        };
    }

    private static async Task<Profile> ReadAsync(CommandContext context, string word, string? period)
    {
        // A file needs no workspace: this is how one finds out what to write into a contract.
        var path = context.FullPath(word);
        if (File.Exists(path) && period is null)
        {
            using var alone = StandaloneEngine.Create();
            return await alone.Engine.ProfileAsync(path, Path.GetFileName(path), context.Cancel);
        }

        await using var open = context.Open(Parts.All);
        if (Subject.File(context, word, () => open.Workspace.Datasets.Keys) is not null) throw new Problems.RequestException("--date is for a dataset; a file is looked at as a whole.");
        return await open.Get<IDatasetInspector>().ProfileAsync(word, period, cancel: context.Cancel);
    }

    private static void Show(IAnsiConsole screen, string subject, Profile profile)
    {
        screen.Line($"{subject}: {Cells.Plural(profile.Rows, "row")}");
        var table = Cells.Table("Column", "Type", ">Nulls", ">Distinct", "Values");
        foreach (var column in profile.Columns) table.Row(Cells.Cut(column.Name, 24), column.Type, Cells.Count(column.Nulls), Cells.Count(column.Distinct), Values(column));
        screen.Write(table);
    }

    /// <summary>What says most in one line: the range of what is ordered, the most frequent of what is not.</summary>
    private static string Values(Serverless.Profiles.ColumnProfile column) => column switch
    {
        { Mean: { } mean } => $"{Text(column.Min)} to {Text(column.Max)}, mean {Cells.Number(Math.Round(mean, 2))}",
        { Type: "timestamp", Min: not null } => $"{Text(column.Min)} to {Text(column.Max)}",
        { Top: { Count: > 0 } top } => string.Join(", ", top.Take(4).Select(t => Cells.Cut(t.Value, 12))) + (column.Distinct > 4 ? ", ..." : ""),
        _ => "",
    };

    private static string Text(object? value) => value switch
    {
        null => "",
        string text when DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) && text.Length > 10 => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        string text => Cells.Cut(text, 10),
        System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Number } number => Cells.Number(number.GetDouble()),
        IConvertible number => Cells.Number(number.ToDouble(CultureInfo.InvariantCulture)),
        _ => Cells.Cut(value.ToString(), 10),
    };
}
