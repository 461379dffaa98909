using System.Globalization;
using System.Text;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class DriftTests
{
    // 300 rows: delay in minutes, line, at; everything repeats, so that nothing differs by chance.
    private static string Rows(Func<int, string> delay, Func<int, string>? line = null, char separator = ',')
    {
        var csv = new StringBuilder($"at{separator}delay{separator}line\n");
        for (var i = 0; i < 300; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"2024-03-{1 + (i % 28):00} {i % 24:00}:00:00{separator}{delay(i)}{separator}{line?.Invoke(i) ?? (i % 3 == 0 ? "red" : "green")}\n");
        }

        return csv.ToString();
    }

    [Fact]
    public async Task Drift_SameData_SaysNoWithExitCodeZero()
    {
        using var folder = new TempFolder();
        folder.Write("a.csv", Rows(i => $"{i * 7 % 60}"));
        folder.Write("b.tsv", Rows(i => $"{i * 11 % 60}", separator: '\t'));

        var run = await Cli.DoneAsync(folder.Path, "drift", "--reference", "a.csv", "--current", "b.tsv", "--json");

        run.Json.GetProperty("drifted").GetBoolean().ShouldBeFalse();
        run.Json.GetProperty("share").GetDouble().ShouldBe(0);
        run.Json.GetProperty("correction").GetString().ShouldBe("none");
        var columns = run.Json.GetProperty("columns").EnumerateArray().ToArray();
        columns.Select(c => c.GetProperty("name").GetString()).ShouldBe(["at", "delay", "line"]);
        columns.Select(c => c.GetProperty("severity").GetString()).ShouldBe(["none", "none", "none"]);
        columns[1].GetProperty("method").GetString().ShouldBe("ks");
        columns[1].GetProperty("pValue").GetDouble().ShouldBe(1);
        columns[1].GetProperty("threshold").GetDouble().ShouldBe(0.05);
    }

    [Fact]
    public async Task Drift_MinutesBecameSeconds_SaysSoWithExitCodeOne()
    {
        using var folder = new TempFolder();
        folder.Write("a.csv", Rows(i => $"{i * 7 % 60}"));
        folder.Write("b.csv", Rows(i => $"{i * 7 % 60 * 60}"));

        var run = await Cli.RunAsync(folder.Path, "drift", "--reference", "a.csv", "--current", "b.csv", "--columns", "delay");

        run.Code.ShouldBe(ExitCode.No);
        run.Out.ShouldContain("delay: values look multiplied by 60 (minutes to seconds, or hours to minutes?): the median was 29.5 and is 1770.");
        run.Out.ShouldContain("drifted: 1 of 1 column");
    }

    [Fact]
    public async Task Drift_JsonLinesAndHalfMissing_AreRead()
    {
        using var folder = new TempFolder();
        folder.Write("a.csv", Rows(i => $"{i * 7 % 60}"));
        folder.Write("b.jsonl", string.Concat(Enumerable.Range(0, 300).Select(i => $"{{\"delay\":{(i % 2 == 0 ? "null" : i * 7 % 60)},\"line\":\"red\"}}\n")));

        var run = await Cli.RunAsync(folder.Path, "drift", "--reference", "a.csv", "--current", "b.jsonl", "--json", "--method", "wasserstein");

        run.Code.ShouldBe(ExitCode.No);
        run.Json.GetProperty("onlyInReference").EnumerateArray().Select(c => c.GetString()).ShouldBe(["at"]);
        var delay = run.Json.GetProperty("columns").EnumerateArray().First(c => c.GetProperty("name").GetString() == "delay");
        delay.GetProperty("missing").GetProperty("current").GetDouble().ShouldBe(0.5);
        delay.GetProperty("drifted").GetBoolean().ShouldBeTrue();
        run.Json.GetProperty("upstreamChanges").EnumerateArray().Select(c => c.GetProperty("kind").GetString()).ShouldBe(["missing-column", "not-filled", "vanished-categories"]);
    }

    [Theory]
    [InlineData("x.csv", "at,delay,line\n", ExitCode.InputOutput, "error: x.csv has no rows: there is nothing to compare with.")]
    [InlineData("x.csv", "", ExitCode.InputOutput, "error: x.csv: the file is empty.")]
    [InlineData("x.csv", "delay\nlate\nlater\n", ExitCode.InputOutput, "error: column 'delay' is string in x.csv and integer in b.csv.")]
    [InlineData("x.csv", "other\n1\n", ExitCode.InputOutput, "error: x.csv and b.csv have no column in common: other against at, delay, line.")]
    [InlineData("x.doc", "delay\n1\n", ExitCode.Usage, "error: 'x.doc' has no extension that says how to read it: expected .csv")]
    public async Task Drift_ReferenceThatCannotBeCompared_IsAClearError(string name, string text, int code, string message)
    {
        using var folder = new TempFolder();
        folder.Write(name, text);
        folder.Write("b.csv", Rows(i => $"{i}"));

        var run = await Cli.RunAsync(folder.Path, "drift", "--reference", name, "--current", "b.csv");

        run.Error.ShouldStartWith(message);
        run.Code.ShouldBe(code);
        run.Out.ShouldBeEmpty();
        string.Join(" ", Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)).ShouldBe($"b.csv {name}", "nothing is written");
        (await File.ReadAllTextAsync(folder[name])).ShouldBe(text);
    }

    [Theory]
    [InlineData("--reference a.csv", "error: 'drift' needs --current FILE: it compares two files.")]
    [InlineData("--reference a.csv --current a.csv --method kss", "error: there is no drift method 'kss'. Did you mean 'ks'?")]
    [InlineData("--reference a.csv --current a.csv --correction bonferoni", "error: --correction cannot be 'bonferoni'. Did you mean 'bonferroni'?")]
    [InlineData("--reference a.csv --current a.csv --threshold high", "error: --threshold is a number such as 0.05, not 'high'.")]
    [InlineData("--reference a.csv --current a.csv --columns delays", "error: neither a.csv nor a.csv has a column 'delays'. Did you mean 'delay'?")]
    [InlineData("--reference a.csv --current a.csv --columns line --method ks", "error: method 'ks' compares numbers; column 'line' is string.")]
    public async Task Drift_OptionsThatMakeNoSense_AreRefused(string options, string message)
    {
        using var folder = new TempFolder();
        folder.Write("a.csv", Rows(i => $"{i}"));

        var run = await Cli.RunAsync(folder.Path, ["drift", .. options.Split(' ')]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith(message);
    }

    [Fact]
    public async Task Drift_FileThatIsNotThere_SaysWhich()
    {
        using var folder = new TempFolder();
        folder.Write("a.csv", Rows(i => $"{i}"));

        var run = await Cli.RunAsync(folder.Path, "drift", "--reference", "a.csv", "--current", "gone.csv");

        run.Code.ShouldBe(ExitCode.InputOutput);
        run.Error.ShouldStartWith("error: file 'gone.csv' does not exist.");
    }
}
