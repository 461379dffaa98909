using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Functions.Tests.Inventory;
using Serverless.Workspaces;

namespace Serverless.Functions.Tests.Compilation;

/// <summary>
/// The Function App is not compiled where the worker's packages are absent. So that a change of what it calls is noticed there too, its sources are compiled here against the projects of
/// this repository and a declaration of the worker's surface.
/// </summary>
public sealed class SourcesCompileTests
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // Assemblies that were built against an earlier version of another: the SDK is silent about them too.
    private static readonly Dictionary<string, ReportDiagnostic> AsTheSdkDoes = new() { ["CS1701"] = ReportDiagnostic.Suppress, ["CS1702"] = ReportDiagnostic.Suppress };

    [Fact]
    public void Sources_AgainstThisRepository_Compile() => Errors(FunctionSources.Files.Select(File.ReadAllText)).ShouldBeEmpty();

    [Fact]
    public void Sources_CallingWhatIsNotThere_DoNotCompile()
    {
        var sources = FunctionSources.Files.Select(File.ReadAllText).ToArray();
        sources.ShouldContain(s => s.Contains("inbox.AcceptAsync(", StringComparison.Ordinal));
        Errors(sources.Select(s => s.Replace("inbox.AcceptAsync(", "inbox.AcceptAllAsync(", StringComparison.Ordinal))).ShouldHaveSingleItem().ShouldContain("AcceptAllAsync");
    }

    [Fact]
    public void Program_WithAWorkspaceAndAStore_CanMakeEveryFunction()
    {
        var (assembly, host) = RunProgram();
        var functions = assembly.GetTypes().Where(t => t.GetMethods().Any(m => m.CustomAttributes.Any(a => a.AttributeType.Name == "FunctionAttribute"))).ToArray();
        functions.Length.ShouldBe(FunctionSources.All.Select(f => f.Method.Parent).Distinct().Count());
        foreach (var function in functions) Should.NotThrow(() => ActivatorUtilities.CreateInstance(host.Services, function), function.Name);
        host.Services.GetRequiredService<Workspace>().Storage.Kind.ShouldBe(StorageKind.Azure);
    }

    [Fact]
    public void Program_WorkspaceThatAsksForWhatLeadsNowhere_LogsItAtTheStart()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "workspace", "serverless.yaml");
        var before = File.ReadAllText(file);
        File.WriteAllText(file, before + "\nalerts:\n  channels: { team: { kind: webhook, url: \"http://127.0.0.1:9/hook\" } }\n");
        using var logged = new LoggedLines();
        try
        {
            RunProgram();
        }
        finally
        {
            File.WriteAllText(file, before);
        }

        logged.Lines.ShouldContain(l => l.Contains("channel 'team' is in no route and no rule, so nobody hears of anything through it.", StringComparison.Ordinal) && l.Contains("serverless.yaml(", StringComparison.Ordinal));
    }

    private static (Assembly Assembly, IHost Host) RunProgram()
    {
        // The address of an emulator, which is not asked for anything here.
        Environment.SetEnvironmentVariable("Storage", "UseDevelopmentStorage=true");
        using var image = new MemoryStream();
        Compilation(FunctionSources.Files.Select(File.ReadAllText)).Emit(image).Success.ShouldBeTrue();
        var assembly = Assembly.Load(image.ToArray());
        assembly.EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        return (assembly, (IHost)assembly.GetType("Microsoft.Azure.Functions.Worker.Builder.FunctionsApplication")!.GetProperty("Built")!.GetValue(null)!);
    }

    private static IReadOnlyList<string> Errors(IEnumerable<string> sources) =>
        [.. Compilation(sources).GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString())];

    private static CSharpCompilation Compilation(IEnumerable<string> sources)
    {
        using var surface = new StreamReader(typeof(SourcesCompileTests).Assembly.GetManifestResourceStream("WorkerSurface.cs")!);
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var trees = sources.Append(Usings).Append(surface.ReadToEnd()).Select(s => CSharpSyntaxTree.ParseText(s, options));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        return CSharpCompilation.Create("Functions", trees, references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, specificDiagnosticOptions: AsTheSdkDoes));
    }

    /// <summary>What loggers of any host in this process write: a host has an event source for it unless told otherwise.</summary>
    private sealed class LoggedLines : EventListener
    {
        private readonly ConcurrentQueue<string> lines = new();

        public IReadOnlyList<string> Lines => [.. lines];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Extensions-Logging") EnableEvents(eventSource, EventLevel.Warning, (EventKeywords)4);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            // Listeners begin before their fields are set.
            if (eventData.EventName == "FormattedMessage") lines?.Enqueue((string)eventData.Payload![eventData.PayloadNames!.IndexOf("FormattedMessage")]!);
        }
    }
}
