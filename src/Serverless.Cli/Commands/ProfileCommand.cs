using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Profiles;
using Profile = Serverless.Profiles.Profile;

namespace Serverless.Cli.Commands;

/// <summary><c>profile FILE|DATASET</c>: what the data look like, column by column; of a dataset by merging the profiles of its partitions.</summary>
internal static class ProfileCommand
{
    private sealed record Asked(string Word, string? Date, string? From, string? To, ProfileGrain? By, string? Column);

    public static CommandSpec Create()
    {
        var subject = new Argument<string>("FILE|DATASET") { Description = "Any CSV, JSON Lines or Parquet file, or a dataset of the workspace." };
        var date = new Option<string?>("--date") { Description = "Only the partitions of this period: 2001-01-05 or 2001-01.", HelpName = "PERIOD" };
        var from = new Option<string?>("--from") { Description = "Only partitions from this day or moment on (UTC).", HelpName = "WHEN" };
        var to = new Option<string?>("--to") { Description = "Only partitions before this day or moment (UTC).", HelpName = "WHEN" };
        var by = new Option<ProfileGrain?>("--by") { Description = "One profile for each day, week or month.", HelpName = "day|week|month" };
        var column = new Option<string?>("--column") { Description = "One column in detail, with its histogram.", HelpName = "NAME" };
        var command = new Command("profile", "Show what the data look like, column by column.") { subject, date, from, to, by, column };
        return new CommandSpec(command, async context =>
        {
            var parsed = context.Parsed;
            var asked = new Asked(parsed.GetRequiredValue(subject), parsed.GetValue(date), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(by), parsed.GetValue(column));
            if (asked.Date is not null && (asked.From ?? asked.To) is not null) throw new RequestException("--date is a period of its own; leave out --from and --to, or --date.");
            if (asked.By is not null) return await PeriodsAsync(context, asked);
            var profile = await ReadAsync(context, asked);
            var shown = asked.Column is null ? profile.Columns : [Column(profile.Columns, asked.Column)];
            context.Output.Answer(new { rows = profile.Rows, columns = shown }, screen => ProfileView.Show(screen, asked.Word, profile.Rows, shown, detail: asked.Column is not null));
            return ExitCode.Done;
        })
        {
            Examples =
            [
                "serverless-ml profile new.csv", "serverless-ml profile flights --from 2001-01-01 --to 2001-02-01", "serverless-ml profile flights --by week",
                "serverless-ml profile flights --column delay",
            ],
        };
    }

    private static async Task<Profile> ReadAsync(CommandContext context, Asked asked)
    {
        // A file needs no workspace: this is how one finds out what to write into a contract.
        var path = context.FullPath(asked.Word);
        var part = asked.Date ?? asked.From ?? asked.To;
        if (File.Exists(path) && part is null)
        {
            using var alone = StandaloneEngine.Create();
            return await alone.Engine.ProfileAsync(path, Path.GetFileName(path), context.Cancel);
        }

        await using var open = context.Open(Parts.All);
        if (Subject.File(context, asked.Word, () => open.Workspace.Datasets.Keys) is not null) throw WholeFile();
        var partitions = await SelectAsync(open, asked, context.Cancel);
        var profiles = open.Get<IDatasetProfiles>();

        // One partition has its figures beside it, some of them more exact than its states.
        return partitions.Count == 1 ? await profiles.OfAsync(asked.Word, partitions[0], context.Cancel)
            : (await profiles.MergeAsync(asked.Word, partitions, context.Cancel)).ToProfile();
    }

    private static async Task<int> PeriodsAsync(CommandContext context, Asked asked)
    {
        await using var open = context.Open(Parts.All);
        if (Subject.File(context, asked.Word, () => open.Workspace.Datasets.Keys) is not null) throw WholeFile();
        await SelectAsync(open, asked, context.Cancel);
        var query = Query(asked);
        var periods = await open.Get<IDatasetProfiles>().ByAsync(asked.Word, query, asked.By!.Value, context.Cancel);
        var profiles = periods.Select(p => (Period: p, Profile: p.State.ToProfile())).ToList();
        var columns = profiles.Select(p => asked.Column is null ? p.Profile.Columns : [Column(p.Profile.Columns, asked.Column)]).ToList();
        context.Output.Answer(
            new { periods = profiles.Select((p, i) => new { period = p.Period.Period, from = p.Period.Start, to = p.Period.End, partitions = p.Period.Partitions, rows = p.Profile.Rows, columns = columns[i] }) },
            screen => ProfileView.ShowPeriods(screen, asked.Word, periods, columns));
        return ExitCode.Done;
    }

    private static async Task<IReadOnlyList<PartitionRecord>> SelectAsync(OpenWorkspace open, Asked asked, CancellationToken cancel)
    {
        var all = await Subject.PartitionsAsync(open, asked.Word, asked.Date, null, cancel);
        if (asked.Date is not null) return all;
        var some = (await open.Get<IPartitionReader>().SelectAsync(asked.Word, Query(asked), cancel)).Partitions;
        return some.Count > 0 ? some
            : throw new DataException($"dataset '{asked.Word}' has no partition between {asked.From ?? "its beginning"} and {asked.To ?? "its end"}. It has {all.Count}, from {all[0].Key} to {all[^1].Key}.");
    }

    private static PartitionQuery Query(Asked asked)
    {
        if (asked.Date is { } date && PartitionKey.Period(date) is { } period) return new PartitionQuery { From = period.Start, To = period.End };
        return new PartitionQuery { From = asked.From is null ? null : Dates.Moment(asked.From), To = asked.To is null ? null : Dates.Moment(asked.To) };
    }

    private static ColumnProfile Column(IReadOnlyList<ColumnProfile> columns, string name) => columns.FirstOrDefault(c => c.Name == name)
        ?? throw new RequestException($"there is no column '{name}'.{Suggest.Hint(name, columns.Select(c => c.Name))}");

    private static RequestException WholeFile() => new("--date, --from, --to and --by are for a dataset; a file is looked at as a whole.");
}
