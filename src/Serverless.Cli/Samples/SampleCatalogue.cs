using System.CommandLine;
using Serverless.Problems;

namespace Serverless.Cli.Samples;

/// <summary>A workspace on real data that comes with the tool.</summary>
/// <param name="Dataset">The dataset that its drops belong to.</param>
/// <param name="Models">Its models, the one that the demo asks first.</param>
/// <param name="Question">A row to ask the first model about, as JSON.</param>
/// <param name="Asks">The same question in words.</param>
/// <param name="Metric">The figure that says most about the first model.</param>
internal sealed record Sample(string Name, string Title, string Dataset, IReadOnlyList<string> Models, string Question, string Asks, string Metric)
{
    public IReadOnlyList<string> NextSteps =>
    [
        $"serverless-ml ingest {Dataset} drops/*",
        .. Models.Select(m => $"serverless-ml train {m}"),
        "serverless-ml up",
    ];
}

internal static class SampleCatalogue
{
    public static IReadOnlyList<Sample> All { get; } =
    [
        new("flights", "Sixty days of real flights: which of them will be late?", "flights", ["flight-delay"],
            """{"date":"2001-03-02T18:30:00Z","distance":733,"origin":"ORD","destination":"LGA"}""",
            "Friday, 2 March 2001, 18:30, Chicago (ORD) to New York (LGA): more than 15 minutes late?", "auc"),
        new("weather", "Four years of weather in Seattle: what will the day be like?", "weather", ["temperature", "weather-kind"],
            """{"date":"2016-01-01T00:00:00Z","weather_1d":"sun","temp_max_1d":5.6,"temp_max_2d":5.6,"temp_max_3d":7.2,"temp_max_7d":6.13,"temp_min_1d":-2.1,"precipitation_1d":0,"precipitation_2d":0,"wind_1d":3.5}""",
            "Seattle, 1 January 2016, after a clear day of 5.6 degrees: how warm will it get?", "rmse"),
    ];

    public static Sample Find(string name) => All.FirstOrDefault(s => s.Name == name)
        ?? throw new RequestException($"there is no sample '{name}'.{Suggest.Hint(name, All.Select(s => s.Name))}");

    /// <summary><c>--sample</c>, as init and demo have it.</summary>
    public static Option<string?> Option()
    {
        var option = new Option<string?>("--sample") { Description = $"A sample on real data: {string.Join(" or ", All.Select(s => s.Name))}.", HelpName = "NAME" };
        option.CompletionSources.Add(_ => All.Select(s => new System.CommandLine.Completions.CompletionItem(s.Name)));
        return option;
    }

    /// <summary>Copies a sample with its drops. Throws when the folder holds a workspace already; nothing is overwritten.</summary>
    public static void Copy(string name, string target)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "samples", Find(name).Name);
        if (!Directory.Exists(source)) throw new EnvironmentException($"the samples are not beside the program ('{source}' is missing). Build or install it again.");
        var files = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(source, f)).Where(f => !f.StartsWith('.')).ToArray();
        NewFolder.Claim(target, [.. files, NewFolder.IgnoreFile]);
        foreach (var file in files)
        {
            var copy = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(source, file), copy);
        }

        NewFolder.WriteIgnore(target);
    }
}
