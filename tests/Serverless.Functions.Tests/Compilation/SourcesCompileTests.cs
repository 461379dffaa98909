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
        // The address of an emulator, which is not asked for anything here.
        Environment.SetEnvironmentVariable("Storage", "UseDevelopmentStorage=true");
        using var image = new MemoryStream();
        Compilation(FunctionSources.Files.Select(File.ReadAllText)).Emit(image).Success.ShouldBeTrue();
        var assembly = Assembly.Load(image.ToArray());

        assembly.EntryPoint!.Invoke(null, [Array.Empty<string>()]);

        var host = (IHost)assembly.GetType("Microsoft.Azure.Functions.Worker.Builder.FunctionsApplication")!.GetProperty("Built")!.GetValue(null)!;
        var functions = assembly.GetTypes().Where(t => t.GetMethods().Any(m => m.CustomAttributes.Any(a => a.AttributeType.Name == "FunctionAttribute"))).ToArray();
        functions.Length.ShouldBe(FunctionSources.All.Select(f => f.Method.Parent).Distinct().Count());
        foreach (var function in functions) Should.NotThrow(() => ActivatorUtilities.CreateInstance(host.Services, function), function.Name);
        host.Services.GetRequiredService<Workspace>().Storage.Kind.ShouldBe(StorageKind.Azure);
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
}
