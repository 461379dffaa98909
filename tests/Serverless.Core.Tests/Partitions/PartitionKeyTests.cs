using Serverless.Partitions;

namespace Serverless.Core.Tests.Partitions;

public sealed class PartitionKeyTests
{
    [Theory]
    [InlineData("2001-02", "2001-02-01", "2001-03-01", "year=2001/month=02")]
    [InlineData("2001-12-31", "2001-12-31", "2002-01-01", "year=2001/month=12/day=31")]
    [InlineData("2001-01-05T23", "2001-01-05T23:00", "2001-01-06T00:00", "year=2001/month=01/day=05/hour=23")]
    public void Period_OfAKey_IsItsStretchOfTime(string key, string start, string end, string folder)
    {
        var period = PartitionKey.Period(key)!.Value;
        period.Start.ShouldBe(DateTimeOffset.Parse(start + (start.Contains('T') ? ":00Z" : "T00:00:00Z"), System.Globalization.CultureInfo.InvariantCulture));
        period.End.ShouldBe(DateTimeOffset.Parse(end + (end.Contains('T') ? ":00Z" : "T00:00:00Z"), System.Globalization.CultureInfo.InvariantCulture));
        PartitionKey.Folder(key).ShouldBe(folder);
    }

    [Fact]
    public void Period_AtTheEndOfTheCalendar_HasAnEnd() => PartitionKey.Period("9999-12")!.Value.End.ShouldBe(DateTimeOffset.MaxValue);

    [Theory, InlineData("unknown"), InlineData("2001"), InlineData("2001-13"), InlineData("")]
    public void Period_OfNoKey_IsNull(string key) => PartitionKey.Period(key).ShouldBeNull();

    [Fact]
    public void Id_DependsOnDropContractAndKey()
    {
        var id = PartitionKey.Id("drop", "contract", "2001-01-01");
        id.ShouldMatch("^[0-9a-f]{16}$");
        PartitionKey.Id("drop", "contract", "2001-01-01").ShouldBe(id);
        new[] { PartitionKey.Id("other", "contract", "2001-01-01"), PartitionKey.Id("drop", "other", "2001-01-01"), PartitionKey.Id("drop", "contract", "2001-01-02") }
            .ShouldNotContain(id);
    }
}
