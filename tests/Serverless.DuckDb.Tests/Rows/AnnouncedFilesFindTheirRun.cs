using System.Text;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;

namespace Serverless.DuckDb.Tests.Rows;

/// <summary>A trigger that knows landing as a whole announces every file to the one inbox; the place of the file says which run it is for.</summary>
public sealed class AnnouncedFilesFindTheirRun : IDisposable
{
    private readonly OrdersFixture orders = new();

    public void Dispose() => orders.Dispose();

    [Theory]
    [InlineData("orders", "landing/orders/a.csv", "ingest"), InlineData("_score", "landing/_score/spend/a.csv", "score"), InlineData("feedback", "landing/feedback/spend/a.csv", "feedback")]
    public async Task Accept_FileInLanding_StartsTheRunOfItsPlaceOnce(string first, string key, string kind)
    {
        await orders.Objects.PutAsync(key, new MemoryStream(Encoding.UTF8.GetBytes(OrdersFixture.Header + "2024-04-01 10:00:00,8,Sancho,20\n")));
        var inbox = orders.Get<IDropInbox>();

        var run = await inbox.AcceptAsync(first, key, "landing");

        (await orders.Get<IRunEngine>().FindAsync(run))!.Kind.ShouldStartWith(kind);
        (await inbox.AcceptAsync(first, key, "landing")).ShouldBe(run);
    }

    [Fact]
    public async Task Accept_ToScoreWithAModelThatIsNotThere_NamesIt()
    {
        await orders.Objects.PutAsync("landing/_score/spent/a.csv", new MemoryStream("x\n1\n"u8.ToArray()));
        (await Should.ThrowAsync<RequestException>(() => orders.Get<IDropInbox>().AcceptAsync("_score", "landing/_score/spent/a.csv", "landing"))).Message.ShouldContain("spend");
    }
}
