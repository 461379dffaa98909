using System.Text.Json;
using System.Text.RegularExpressions;
using Cronos;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Functions.Tests.Inventory;

public sealed partial class InventoryTests
{
    [Fact]
    public void Functions_AgainstTheDocument_AreTheSame()
    {
        var documented = TableRows().Matches(Repository.Read("docs/functions.md"))
            .Select(m => (Name: m.Groups[1].Value, Trigger: m.Groups[2].Value, Binding: m.Groups[3].Value)).ToArray();
        var declared = FunctionSources.All.Select(f => (f.Name, f.DocumentedTrigger, f.DocumentedBinding));
        documented.OrderBy(d => d.Name, StringComparer.Ordinal).ShouldBe(declared);
    }

    [Fact]
    public void Functions_OfThisVersion_AreThese() =>
        FunctionSources.All.Select(f => f.Name).ShouldBe(
        [
            "Assets", "Docs", "DropArrived", "Health", "HealthOfMlflow", "HealthV2", "Home", "Icon", "Infer", "Invocations", "InvocationsOfModel", "Monitoring", "OpenApi", "Ping", "Predict", "Pulls", "Retraining", "WebApi", "WorkArrived",
        ]);

    [Fact]
    public void Bodies_EveryFunction_OnlyBindCallAndReturn()
    {
        foreach (var function in FunctionSources.All)
        {
            var body = function.Method.ExpressionBody.ShouldNotBeNull($"{function.Name} is one expression").Expression;
            body.DescendantNodesAndSelf().ShouldAllBe(n => !(n is ConditionalExpressionSyntax || n is SwitchExpressionSyntax || n is LambdaExpressionSyntax || n is AwaitExpressionSyntax), function.Name);
            body.ToString().Length.ShouldBeLessThan(120, function.Name);
        }

        foreach (var file in FunctionSources.Files.Where(f => !f.EndsWith("Program.cs", StringComparison.Ordinal)))
        {
            File.ReadLines(file).Count().ShouldBeLessThan(45, file);
            File.ReadAllText(file).ShouldNotContain("catch");
        }
    }

    [Fact]
    public void BlobTrigger_OnFlexConsumption_NeedsEventGridAndNeverHoldsTheBlob()
    {
        var drop = FunctionSources.All.Where(f => f.Kind == "BlobTrigger").ShouldHaveSingleItem();
        drop.Source.ShouldBe("EventGrid");
        drop.First.ShouldBe(StoreNames.Containers.Landing + "/{dataset}/{file}");
        drop.Parameter.Type!.ToString().ShouldBe("BlobClient");
        foreach (var hook in new[] { "infra/hooks/postdeploy.sh", "infra/hooks/postdeploy.ps1" })
        {
            Repository.Read(hook).ShouldMatch($"(?i)function_?name *= *'?{drop.Name}");
        }
    }

    [Fact]
    public void QueueTrigger_Queue_IsTheWorkQueue()
    {
        var work = FunctionSources.All.Where(f => f.Kind == "QueueTrigger").ShouldHaveSingleItem();
        work.First.ShouldBe(StoreNames.Queues.Work);
        (StoreNames.Queues.Work + "-poison").ShouldBe(StoreNames.Queues.WorkPoison); // where the host sets messages aside
    }

    [Fact]
    public void Connections_OfTriggers_AreTheOneThatInfraConfigures() =>
        FunctionSources.All.Where(f => f.Kind is "BlobTrigger" or "QueueTrigger").ShouldAllBe(f => f.Connection == "Storage");

    [Fact]
    public void Timers_Schedules_AreSettingsWithDocumentedValidDefaults()
    {
        var timers = FunctionSources.All.Where(f => f.Kind == "TimerTrigger").ToArray();
        timers.Length.ShouldBe(3);
        var (main, api, document) = (Repository.Read("infra/main.bicep"), Repository.Read("infra/modules/api.bicep"), Repository.Read("docs/functions.md"));
        foreach (var timer in timers)
        {
            var setting = timer.First.Trim('%');
            timer.First.ShouldBe($"%{setting}%");
            var parameter = Regex.Match(api, $@"{setting}: (\w+)").Groups[1].Value;
            var schedule = Regex.Match(main, $"param {parameter} string = '([^']+)'").Groups[1].Value;
            Should.NotThrow(() => CronExpression.Parse(schedule, CronFormat.IncludeSeconds), setting);
            document.ShouldContain($"| `{setting}` | `{schedule}` |");
            document.ShouldContain($"\"{setting}\": \"{schedule}\"");
        }
    }

    // The host tries routes in the order of the functions' names, so a catch-all that came earlier would swallow the rest.
    [Fact]
    public void Routes_CatchAll_ComesLast()
    {
        var http = FunctionSources.All.Where(f => f.Kind == "HttpTrigger").OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        http[^1].Route.ShouldBe("{*path}");
        http.SkipLast(1).ShouldAllBe(f => f.Route!.Length > 0 && !f.Route.StartsWith("{*", StringComparison.Ordinal));
        http.ShouldAllBe(f => !f.Route!.StartsWith("admin") && !f.Route.StartsWith("runtime"), "the host keeps these for itself");
    }

    [Fact]
    public void Routes_OpenToAnybody_HoldNoData()
    {
        string[] open = ["assets/{file}", "docs/{*path}", "favicon.ico", "health", "health/{probe}", "openapi/{document}", "ping", "v2/health/{probe}", "{nothing:maxlength(0)?}"];
        FunctionSources.All.Where(f => f.Kind == "HttpTrigger" && f.Level == "Anonymous").Select(f => f.Route).ShouldBe(open, ignoreOrder: true);
        FunctionSources.All.Where(f => f.Kind == "HttpTrigger" && f.Level != "Anonymous").ShouldAllBe(f => f.Level == "Function");
    }

    [Fact]
    public void HostJson_AgreesWithTheCode()
    {
        using var host = JsonDocument.Parse(Repository.Read("host.json"));
        var extensions = host.RootElement.GetProperty("extensions");
        extensions.GetProperty("http").GetProperty("routePrefix").GetString().ShouldBe("");
        var queues = extensions.GetProperty("queues");
        queues.GetProperty("maxDequeueCount").GetInt32().ShouldBe(IWorkQueue.MaxDeliveries);
        queues.GetProperty("messageEncoding").GetString().ShouldBe("base64"); // as the queue adapter writes bodies
        extensions.GetProperty("blobs").GetProperty("poisonBlobThreshold").GetInt32().ShouldBe(IWorkQueue.MaxDeliveries);

        Directory.GetFiles(Repository.PathOf("functions"), "host.json", SearchOption.TopDirectoryOnly).ShouldBeEmpty("there is one copy");
        Repository.Read("functions/Serverless.Functions.csproj").ShouldContain("<None Include=\"../host.json\" Link=\"host.json\"");
    }

    [GeneratedRegex(@"^\| `(\w+)` \| ((?:blob|queue|timer|HTTP)[^|]*?) \| ([^|]+?) \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex TableRows();
}
