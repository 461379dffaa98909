using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Alerts;
using Serverless.Cli.Hosting;
using Serverless.Datasets;
using Serverless.Workspaces;

namespace Serverless.Cli.Tests.Commands;

/// <summary><c>alerts</c> and <c>incidents</c>, from a refused model and published signals to a post-mortem.</summary>
public sealed class AlertTests
{
    [Fact]
    public async Task Train_ThatTheGateRefuses_TellsTheWebhookAndShowsTheAlert()
    {
        await using var hook = await Hook.StartAsync();
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("min: 0.6", "min: 0.9999", StringComparison.Ordinal));
        folder.Write("serverless.yaml", $"name: trains\nalerts:\n  channels: {{ hook: {{ kind: webhook, url: \"{hook.Url}/x\" }} }}\n  routes: {{ warning: hook, error: hook }}\n");

        (await Cli.RunAsync(folder.Path, "train", "late", "--json")).Code.ShouldBe(ExitCode.No);

        var body = JsonDocument.Parse(hook.Bodies.ShouldHaveSingleItem()).RootElement;
        body.GetProperty("title").GetString().ShouldBe("late: a new version does not go live");
        var list = (await Cli.DoneAsync(folder.Path, "alerts", "--json")).Json;
        list.GetProperty("firing").GetInt32().ShouldBe(1);
        var alert = list.GetProperty("alerts")[0];
        alert.GetProperty("status").GetString().ShouldBe("firing");
        alert.GetProperty("kind").GetString().ShouldBe("gate");
        var id = alert.GetProperty("id").GetString()!;
        body.GetProperty("alert").GetProperty("id").GetString().ShouldBe(id);

        var shown = await Cli.DoneAsync(folder.Path, "alerts", "show", id[..9]);
        shown.Out.ShouldContain("the gate refused the new version: ");
        shown.Out.ShouldContain("serverless-ml runs show train-");
        shown.Out.ShouldContain("sent");
        (await Cli.DoneAsync(folder.Path, "alerts", "acknowledge", id, "--comment", "I know")).Out.ShouldContain("looks after it");
        (await Cli.DoneAsync(folder.Path, "alerts")).Out.ShouldContain("in hand");

        // It passes again: over, and said so.
        folder.Write("models/late.yaml", SmallWorkspace.Model);
        await Cli.DoneAsync(folder.Path, "train", "late");
        hook.Bodies.Count.ShouldBe(2);
        hook.Bodies[1].ShouldContain("\"event\":\"resolved\"");
        (await Cli.DoneAsync(folder.Path, "alerts", "--json")).Json.GetProperty("firing").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Train_WebhookAnswers500_IsNotDelayedAndTheAlertWaits()
    {
        await using var hook = await Hook.StartAsync(status: 500);
        using var folder = await SmallWorkspace.WithDataAsync(SmallWorkspace.Model.Replace("min: 0.6", "min: 0.9999", StringComparison.Ordinal));
        folder.Write("serverless.yaml", $"name: trains\nalerts:\n  channels: {{ hook: {{ kind: webhook, url: \"{hook.Url}\" }} }}\n  routes: {{ warning: hook, error: hook }}\n");

        var run = await Cli.RunAsync(folder.Path, "train", "late", "--json");

        run.Code.ShouldBe(ExitCode.No);
        run.Error.ShouldContain("could not be sent to hook (attempt 1)");
        var list = await Cli.DoneAsync(folder.Path, "alerts");
        list.Out.ShouldContain("channel hook did not take the message yet (1 attempt): 127.0.0.1 answered 500 Internal Server Error");
        (await Cli.DoneAsync(folder.Path, "alerts", "--json")).Json.GetProperty("alerts")[0].GetProperty("waiting").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Test_EachChannel_SaysWhetherItTookTheMessage()
    {
        await using var hook = await Hook.StartAsync();
        using var folder = SmallWorkspace.Create();
        folder.Write("serverless.yaml", $"name: trains\nalerts:\n  channels:\n    hook: {{ kind: webhook, url: \"{hook.Url}\" }}\n    team: {{ kind: slack, url: env:SERVERLESS_TESTS_NOT_SET }}\n  routes: {{ error: [hook, team] }}\n");

        (await Cli.DoneAsync(folder.Path, "alerts", "test", "hook", "--json")).Json.GetProperty("sent").GetBoolean().ShouldBeTrue();
        hook.Bodies.ShouldHaveSingleItem().ShouldContain("channel 'hook' of workspace 'trains' works");
        var team = await Cli.RunAsync(folder.Path, "alerts", "test", "team");
        team.Code.ShouldBe(ExitCode.InputOutput);
        team.Error.ShouldContain("channel 'team' did not take the message: the environment variable SERVERLESS_TESTS_NOT_SET is not set in this process, or empty.");
        var unknown = await Cli.RunAsync(folder.Path, "alerts", "test", "taem");
        unknown.Code.ShouldBe(ExitCode.Usage);
        unknown.Error.ShouldContain("there is no channel 'taem' in serverless.yaml. Did you mean 'team'?");
        (await Cli.RunAsync(folder.Path, "alerts", "show", "nope")).Error.ShouldContain("there is no alert 'nope'.");
    }

    [Fact]
    public async Task Calibrate_ChecksFromBeforeSignals_SaysHowOftenAndWhen()
    {
        using var folder = SmallWorkspace.Create();
        await Cli.DoneAsync(folder.Path, ["ingest", "trains", folder.Day(1), folder.Day(2, rows: 5), folder.Day(3), folder.Day(4, rows: 6), folder.Day(5, rows: 7)]);
        await using (var store = Store(folder.Path)) await ForgetSignalsAsync(store);

        var report = (await Cli.DoneAsync(folder.Path, "alerts", "calibrate", "--json")).Json;

        report.GetProperty("fromHistory").GetInt32().ShouldBe(10);
        var rule = report.GetProperty("rules")[0];
        rule.GetProperty("fired").GetInt32().ShouldBe(2);
        rule.GetProperty("days").EnumerateArray().Select(d => d.GetProperty("day").GetString()).ShouldBe(["2024-03-02", "2024-03-04"]);
        var text = (await Cli.DoneAsync(folder.Path, "alerts", "calibrate")).Out;
        text.ShouldContain("fired 2 times on 2 days");
        text.ShouldContain("2024-03  ·1·1·");
        (await Cli.DoneAsync(folder.Path, "alerts", "calibrate", "--from", "2024-03-03")).Out.ShouldContain("fired 1 time on 1 day");
        (await Cli.RunAsync(folder.Path, "alerts", "calibrate", "--from", "March")).Error.ShouldContain("'March' is not a day. Write it as 2001-01-31.");
        (await Cli.RunAsync(folder.Path, "alerts", "calibrate", "--from", "2024-03-03", "--to", "2024-03-01")).Error.ShouldContain("--from 2024-03-03 is after --to 2024-03-01.");
    }

    [Fact]
    public async Task Incidents_FromAnErrorToThePostMortem_AreOneStory()
    {
        using var folder = SmallWorkspace.Create();
        await using (var store = Store(folder.Path))
        {
            await store.GetRequiredService<ISignals>().PublishAsync([new Signal
            {
                Kind = SignalKind.Check, Subject = "trains", Name = "size", Period = "2024-03-02", Bad = true, Severity = Severity.Error, Message = "size is 5", Expectation = "size >= 10", At = DateTimeOffset.UtcNow, Run = "ingest-1",
            }]);
            await store.GetRequiredService<IAlertWorker>().TickAsync();
        }

        var incident = (await Cli.DoneAsync(folder.Path, "incidents", "--json")).Json.GetProperty("incidents")[0];
        incident.GetProperty("title").GetString().ShouldBe("trains: check failed: size");
        var id = incident.GetProperty("id").GetString()!;
        await Cli.DoneAsync(folder.Path, "incidents", "update", id, "--impact", "no model that night", "--cause", "half a drop", "--category", "upstream", "--action", "detect: ask for row counts", "--owner", "ana", "--due", "2026-12-31");
        await Cli.DoneAsync(folder.Path, "incidents", "update", id, "--done", "1");
        var wrong = await Cli.RunAsync(folder.Path, "incidents", "update", id, "--category", "upstrem");
        wrong.Code.ShouldBe(ExitCode.Usage);
        wrong.Error.ShouldContain("--category cannot be 'upstrem'. Did you mean 'upstream'?");
        await Cli.DoneAsync(folder.Path, "incidents", "close", id, "--comment", "drop replaced");

        var show = (await Cli.DoneAsync(folder.Path, "incidents", "show", id, "--json")).Json;
        show.GetProperty("incidents")[0].GetProperty("actions")[0].GetProperty("kind").GetString().ShouldBe("detect");
        show.GetProperty("timeline").GetArrayLength().ShouldBe(4);
        var report = (await Cli.DoneAsync(folder.Path, "incidents", "report", "--by", "category", "--json")).Json;
        report.GetProperty("groups")[0].GetProperty("name").GetString().ShouldBe("upstream");
        await Cli.DoneAsync(folder.Path, "incidents", "post-mortem", id, "--output", "pm.md");
        var text = await File.ReadAllTextAsync(folder["pm.md"]);
        text.ShouldStartWith("# Post-mortem: trains: check failed: size\n");
        text.ShouldContain("| ask for row counts | detect | ana | 2026-12-31 | 2");
        (await Cli.RunAsync(folder.Path, "incidents", "post-mortem", id, "--output", "pm.md")).Error.ShouldContain("'pm.md' is there already; name another file.");

        var second = (await Cli.DoneAsync(folder.Path, "incidents", "open", "--title", "wrong prices", "--severity", "critical", "--json")).Json.GetProperty("incidents")[0];
        second.GetProperty("openedBy").GetString()!.ShouldStartWith("cli:");
        (await Cli.DoneAsync(folder.Path, "incidents")).Out.ShouldContain("wrong prices");
    }

    private static ServiceProvider Store(string folder)
    {
        var services = new ServiceCollection().AddLogging();
        Composition.Add(services, WorkspaceLoader.Read(folder).Workspace, Parts.Store);
        return services.BuildServiceProvider();
    }

    private static async Task ForgetSignalsAsync(ServiceProvider services)
    {
        var records = services.GetRequiredService<Storage.IRecordStore>();
        var partitions = new List<string>();
        await foreach (var p in records.PartitionsAsync("signals")) partitions.Add(p);
        foreach (var partition in partitions)
        {
            var rows = new List<string>();
            await foreach (var r in records.QueryAsync("signals", partition)) rows.Add(r.Row);
            foreach (var row in rows) await records.DeleteAsync("signals", partition, row);
        }
    }

    private sealed class Hook : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> bodies = new();
        private WebApplication app = null!;

        public string Url => app.Urls.First();

        public IReadOnlyList<string> Bodies => [.. bodies];

        public static async Task<Hook> StartAsync(int status = 200)
        {
            var hook = new Hook();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
            hook.app = builder.Build();
            hook.app.Run(async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                hook.bodies.Enqueue(await reader.ReadToEndAsync());
                context.Response.StatusCode = status;
            });
            await hook.app.StartAsync();
            return hook;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
