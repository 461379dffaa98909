using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Commands;
using Serverless.Cli.Hosting;
using Serverless.Cli.Samples;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Cli.Demo;

/// <summary>The whole path of the data with a sample: ingest, train, gate, register, serve, ask.</summary>
internal static class DemoWalk
{
    /// <summary>The API goes on running when this returns; it is the caller's to stop.</summary>
    public static async Task<(DemoReport Report, ApiHost Host)> RunAsync(CommandContext context, Sample sample, string folder, string urls)
    {
        var clock = Stopwatch.StartNew();
        SampleCatalogue.Copy(sample.Name, folder);
        context.Output.Say(sample.Title);
        context.Output.Say($"Workspace: {folder}");
        var (drops, trainings) = await LearnAsync(context, sample, folder);
        var host = await ApiHost.StartAsync(folder, Parts.Serving, urls, context.Console, LogLevel.Warning, context.Verbose, null, context.Cancel);
        try
        {
            var answer = trainings[0].Champion is null ? (JsonElement?)null : await AskAsync(host.Addresses[0], sample, context.Cancel);
            var report = new DemoReport
            {
                Sample = sample.Name, Folder = folder, Drops = drops, Trainings = trainings, Url = host.Addresses[0], Answer = answer, Seconds = clock.Elapsed.TotalSeconds,
            };
            return (report, host);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private static async Task<(IReadOnlyList<DropReport>, IReadOnlyList<TrainReport>)> LearnAsync(CommandContext context, Sample sample, string folder)
    {
        await using var open = OpenWorkspace.At(folder, Parts.All, context.Console, context.Verbose);
        var files = Directory.EnumerateFiles(Path.Combine(folder, "drops")).Order(StringComparer.Ordinal).Select(f => ($"drops/{Path.GetFileName(f)}", f)).ToArray();
        var drops = await Ingestion.RunAsync(open, sample.Dataset, files, context.By, append: false, context.Output, context.Cancel);
        var trainings = new List<TrainReport>();
        foreach (var model in sample.Models)
        {
            trainings.Add(await Trainings.RunAsync(open, new TrainState { Model = model, Reason = "demo", By = context.By }, context.Output, context.Cancel));
        }

        return (drops, trainings);
    }

    private static async Task<JsonElement> AskAsync(string address, Sample sample, CancellationToken cancel)
    {
        // Straight to this machine: a proxy of the environment has no business here.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30) };
        using var body = new StringContent($$"""{"rows":[{{sample.Question}}]}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri($"{address}/v1/models/{sample.Models[0]}/predict"), body, cancel);
        var text = await response.Content.ReadAsStringAsync(cancel);
        if (!response.IsSuccessStatusCode) throw new EnvironmentException($"the API answered {(int)response.StatusCode}: {text}");
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
