using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Serverless.Functions.Tests.Inventory;

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

    [Fact]
    public void Sources_AgainstThisRepository_Compile() => Errors(FunctionSources.Files.Select(File.ReadAllText)).ShouldBeEmpty();

    [Fact]
    public void Sources_CallingWhatIsNotThere_DoNotCompile()
    {
        var sources = FunctionSources.Files.Select(File.ReadAllText).ToArray();
        sources.ShouldContain(s => s.Contains("inbox.AcceptAsync(", StringComparison.Ordinal));
        Errors(sources.Select(s => s.Replace("inbox.AcceptAsync(", "inbox.AcceptAllAsync(", StringComparison.Ordinal))).ShouldHaveSingleItem().ShouldContain("AcceptAllAsync");
    }

    private static IReadOnlyList<string> Errors(IEnumerable<string> sources)
    {
        using var surface = new StreamReader(typeof(SourcesCompileTests).Assembly.GetManifestResourceStream("WorkerSurface.cs")!);
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var trees = sources.Append(Usings).Append(surface.ReadToEnd()).Select(s => CSharpSyntaxTree.ParseText(s, options));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        var compilation = CSharpCompilation.Create("Functions", trees, references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString())];
    }
}
