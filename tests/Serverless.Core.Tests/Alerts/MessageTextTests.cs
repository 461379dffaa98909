using Serverless.Alerts;

namespace Serverless.Core.Tests.Alerts;

/// <summary>What people read: what happened, where, how bad, since when, what to do next.</summary>
public sealed class MessageTextTests
{
    [Fact]
    public void Mail_Firing_ReadsLikeThis()
    {
        var mail = EmailChannel.Compose("ml@example.com", ["ops@example.com"], Messages.Firing());
        mail.Subject.ShouldBe("[airline] Error: flights: check failed: completeness(delay)");
        mail.Text.ReplaceLineEndings("\n").ShouldBe("""
            Error: flights: check failed: completeness(delay)

            - completeness(delay) (2001-01-05): 39 % of the delays are empty (0.61, expected completeness(delay) >= 0.95)

            Severity error, since 2026-03-02 12:00 UTC (2 min), 1 bad look.

            Look at the data:
              serverless-ml check flights --date 2001-01-05
            Everything about it:
              serverless-ml alerts show flights-check-3f2a91
            What is known and done:
              serverless-ml incidents show inc-20260302120000-3f2a91
            Take it in hand (no reminders):
              serverless-ml alerts acknowledge flights-check-3f2a91 --comment "..."

            -- 
            serverless-ml, workspace airline, rule default, alert flights-check-3f2a91, message flights-check-3f2a91.1

            """.ReplaceLineEndings("\n"));
        mail.Html.ShouldContain("expected completeness(delay) &gt;= 0.95");
        mail.Id.ShouldBe("flights-check-3f2a91.1@airline.serverless-ml");
        mail.Thread.ShouldBe("flights-check-3f2a91@airline.serverless-ml");
    }

    [Fact]
    public void OneLine_Firing_SaysEverythingThatMatters() => Messages.Firing().OneLine.ShouldBe(
        "Error: flights: check failed: completeness(delay). completeness(delay) (2001-01-05): 39 % of the delays are empty (0.61, expected completeness(delay) >= 0.95). serverless-ml alerts show flights-check-3f2a91");

    [Fact]
    public void OneLine_Over_SaysSo()
    {
        var over = Messages.Over();
        over.Word.ShouldBe("Over");
        over.Circumstances.ShouldBe("It began at 2026-03-02 12:00 UTC and was over at 2026-03-02 15:00 UTC, after 3 h and 1 bad look.");
        over.Next.ShouldNotContain(n => n.Command.Contains("acknowledge", StringComparison.Ordinal));
    }

    [Fact]
    public void Mail_NewLinesAndDirectionMarksInNames_StayOneLine()
    {
        var mail = EmailChannel.Compose("ml@example.com", ["ops@example.com"], Messages.Firing("first\r\nBcc: all@example.com\u202Etxt.exe\u0007") with { Title = "a\r\nBcc: all@example.com" });
        mail.Subject.ShouldBe("[airline] Error: a Bcc: all@example.com");
        mail.Text.Split('\n').ShouldNotContain(l => l.StartsWith("Bcc", StringComparison.Ordinal));
        mail.Text.Contains((char)0x202E).ShouldBeFalse();
    }

    [Theory]
    [InlineData(SignalKind.Drift, "wasserstein(distance)", "flights: drift: wasserstein(distance)", "serverless-ml drift flights")]
    [InlineData(SignalKind.Arrival, "arrival", "flights: data late or missing", "serverless-ml history flights")]
    [InlineData(SignalKind.RunFailed, "ingest", "flights: ingest failed", "serverless-ml runs show r-1")]
    [InlineData(SignalKind.Gate, "gate", "flights: a new version does not go live", "serverless-ml runs show r-1")]
    [InlineData(SignalKind.UpstreamChange, "unit(delay)", "flights: change at the source: unit(delay)", "serverless-ml drift flights")]
    [InlineData(SignalKind.Quarantine, "quarantine", "flights: rows in quarantine", "serverless-ml history flights")]
    public void Title_OfEachKind_SaysWhatAndWhere(SignalKind kind, string name, string title, string command)
    {
        var alert = AlertMachine.Apply(null, AlertRule.BuiltIn, new Signal { Kind = kind, Subject = "flights", Name = name, Bad = true, Severity = Datasets.Severity.Error, Message = "m", At = AlertBench.Noon, Run = "r-1" }, AlertBench.Noon)!;
        AlertText.Title(alert).ShouldBe(title);
        AlertText.Next(alert)[0].Command.ShouldBe(command);
    }

    [Theory]
    [InlineData(40, "40 s")]
    [InlineData(12 * 60, "12 min")]
    [InlineData((3 * 3600) + 300, "3 h 5 min")]
    [InlineData((2 * 86400) + (4 * 3600), "2 d 4 h")]
    [InlineData(-5, "0 s")]
    public void Span_IsShort(int seconds, string expected) => AlertText.Span(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);
}
