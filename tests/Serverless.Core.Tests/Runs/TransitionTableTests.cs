using CsCheck;
using Serverless.Runs;

namespace Serverless.Core.Tests.Runs;

public sealed class TransitionTableTests
{
    private static readonly Gen<(string From, string To)[]> Tables =
        Gen.Select(Gen.Int[0, 5].Select(i => $"s{i}"), Gen.Int[0, 5].Select(i => $"s{i}"), (from, to) => (from, to)).Array[0, 6];

    [Fact]
    public void Table_WhateverIsAccepted_EndsFromEveryState() => Tables.Sample(transitions =>
    {
        TransitionTable table;
        try
        {
            table = new TransitionTable("kind", transitions);
        }
        catch (ArgumentException)
        {
            return;
        }

        var state = table.Initial;
        var way = new List<string> { state };
        while (!table.IsEnd(state))
        {
            var to = transitions.Single(t => t.From == state).To;
            table.Check("id", state, to);
            way.Add(state = to);
            way.Count.ShouldBeLessThanOrEqualTo(transitions.Length + 1);
        }

        way.ShouldBe(table.States);
        transitions.Length.ShouldBe(table.States.Count - 1);
    });

    [Fact]
    public void Table_AnyChain_IsAccepted() => Gen.Int[1, 20].Sample(n =>
        new TransitionTable("kind", [.. Enumerable.Range(0, n).Select(i => ($"s{i}", $"s{i + 1}"))]).States.Count.ShouldBe(n + 1));

    [Fact]
    public void Check_AnyPairThatIsNotInTheTable_NamesIdFromAndTo() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]).Where((from, to) => to != from + 1).Sample((from, to) =>
        {
            var table = new TransitionTable("kind", [("s0", "s1"), ("s1", "s2"), ("s2", "s3")]);
            var error = Should.Throw<InvalidTransitionException>(() => table.Check("kind-1", $"s{from}", $"s{to}"));
            (error.Id, error.From, error.To).ShouldBe(("kind-1", $"s{from}", $"s{to}"));
        });

    [Theory]
    [InlineData("a>b,a>c", "kind 'k' leaves state 'a' twice.")]
    [InlineData("a>b,b>a", "kind 'k' comes back to state 'a': a run must end. To wait in a state, return Step.Later.")]
    [InlineData("a>b,c>d", "kind 'k' never reaches state 'c'.")]
    [InlineData("", "kind 'k' has no transitions.")]
    public void Table_Wrong_SaysWhy(string table, string message) =>
        Should.Throw<ArgumentException>(() => new TransitionTable("k",
            [.. table.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(t => (t.Split('>')[0], t.Split('>')[1]))])).Message.ShouldBe(message);
}
