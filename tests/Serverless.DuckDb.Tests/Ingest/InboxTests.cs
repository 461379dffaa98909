using System.Text;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;

namespace Serverless.DuckDb.Tests.Ingest;

public sealed class InboxTests
{
    private static MemoryStream Text => new(Encoding.UTF8.GetBytes(IngestFixture.Header + "2001-01-01,1,1,SEA,LAX\n"));

    [Fact]
    public async Task Accept_AnnouncedByManyAtOnce_IsOneRun()
    {
        using var test = new IngestFixture();
        var state = await test.LandAsync("a.csv", "x");
        var inbox = test.Get<IDropInbox>();

        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => inbox.AcceptAsync("flights", state.Key, $"worker-{i}"))));

        ids.Distinct().ShouldHaveSingleItem().ShouldMatch("^ingest-[0-9]{14}-[0-9a-z]{6}$");
        ((IngestFixture.NoRuns)test.Get<IRunEngine>()).Started.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Accept_NewContentUnderTheSameName_IsAnotherRun()
    {
        using var test = new IngestFixture();
        var inbox = test.Get<IDropInbox>();
        var first = await inbox.AcceptAsync("flights", (await test.LandAsync("a.csv", "x")).Key, "test");
        var second = await inbox.AcceptAsync("flights", (await test.LandAsync("a.csv", "y")).Key, "test");
        second.ShouldNotBe(first);
    }

    [Theory]
    [InlineData("../x.csv")]
    [InlineData("a/b.csv")]
    [InlineData("a\\b.csv")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("C:x.csv")]
    [InlineData("a\u0000b.csv")]
    public async Task Put_NameWithPathCharacters_IsRefusedAndStoresNothing(string name)
    {
        using var test = new IngestFixture();
        var error = await Should.ThrowAsync<RequestException>(() => test.Get<IDropInbox>().PutAsync("flights", name, Text, "test"));
        error.Message.ShouldContain("cannot be the name of a drop: it must be a plain file name, without path characters (/ \\ :).");
        (await test.KeysAsync("landing")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("flight", "landing/flight/a.csv", "dataset 'flight' is not in this workspace; did you mean 'flights'?")]
    [InlineData("flights", "landing/other/a.csv", "'landing/other/a.csv' is not a drop of dataset 'flights': drops lie directly in 'landing/flights/'.")]
    [InlineData("flights", "landing/flights/2001/a.csv", "'landing/flights/2001/a.csv' is not a drop of dataset 'flights': drops lie directly in 'landing/flights/'.")]
    [InlineData("flights", "landing/flights/a.csv", "there is no drop 'landing/flights/a.csv'.")]
    public async Task Accept_WhatIsNoDrop_SaysWhy(string dataset, string key, string message)
    {
        using var test = new IngestFixture();
        (await Should.ThrowAsync<RequestException>(() => test.Get<IDropInbox>().AcceptAsync(dataset, key, "test"))).Message.ShouldBe(message);
    }
}
