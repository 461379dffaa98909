using System.Text.Json;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;

namespace Serverless.Cli.Commands;

/// <summary>Walks drops through their ingest runs in this process, two at a time: while one is being stored, the next is read.</summary>
internal static class Ingestion
{
    public static async Task<IReadOnlyList<DropReport>> RunAsync(OpenWorkspace open, string dataset, IReadOnlyList<(string Name, string Path)> files, string by, bool append,
        Output output, CancellationToken cancel)
    {
        var inbox = open.Get<IDropInbox>();
        var engine = open.Get<IRunEngine>();
        return await Bars.RunAsync(output, $"Ingesting {dataset}", files.Count, async bar =>
        {
            var reports = new DropReport[files.Count];

            // Two files of one name are a drop and its correction: their order says which is which.
            var atOnce = files.DistinctBy(f => Path.GetFileName(f.Path)).Count() == files.Count ? Math.Min(2, Environment.ProcessorCount) : 1;
            await Parallel.ForAsync(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel }, async (i, stop) =>
            {
                var (name, path) = files[i];
                string id;
                using (var content = new SteadyFile(path, name)) id = await inbox.PutAsync(dataset, Path.GetFileName(path), content, by, append, stop);
                var share = bar.Begin();
                reports[i] = Report(await engine.DriveAsync(id, share, stop), name);
                share.Finish(Path.GetFileName(path));
            });
            return (IReadOnlyList<DropReport>)reports;
        });
    }

    private static DropReport Report(RunRecord run, string name)
    {
        if (run.Status == RunStatus.Failed) throw new DataException($"'{name}' was not ingested: {run.Reason} (run {run.Id})");
        var state = run.Data.Deserialize<IngestState>(ServerlessJson.Options);
        var report = state?.Report ?? throw new DataException($"'{name}' was not ingested: run {run.Id} ended as '{run.State}' without a report. {run.Reason}");
        return report with { File = name, Run = run.Id };
    }
}
