using Serverless.Bench;
using Serverless.Bench.Drift;
using Serverless.Bench.Explanations;
using Serverless.Bench.FeatureViews;
using Serverless.Bench.Profiles;
using Serverless.Bench.Serving;

IBench[] benches =
[
    new IngestBench(), new TrainBench(), new FitBench(), new ServeBench(), new ColdStartBench(), new MemoryBench(), new DistanceBench(), new DriftReportBench(), new ProfileBench(), new MergeBench(), new TogetherBench(), new BatchBench(),
    new ContributionsBench(), new JoinBench(), new RolloutBench(), new RoutesBench(),
];

if (args is ["--server", "bare", var url])
{
    await BareServer.RunAsync(url);
    return 0;
}

if (args is ["--paced", var address, var perSecond, var seconds])
{
    PacedLoad.Run(address, int.Parse(perSecond, System.Globalization.CultureInfo.InvariantCulture), int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["--part", var benchName, var partName])
{
    await Harness.RunPartAsync(benches.Single(b => b.Name == benchName), partName);
    return 0;
}

if (args.Length == 0 || args.FirstOrDefault(a => a != "all" && benches.All(b => b.Name != a)) is not null)
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Serverless.Bench -- all | NAME...");
    foreach (var bench in benches) Console.Error.WriteLine($"  {bench.Name,-10} {bench.Description}");
    return 2;
}

foreach (var bench in benches.Where(b => args.Contains("all") || args.Contains(b.Name))) await Harness.RunAsync(bench);
return 0;
