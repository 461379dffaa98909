using System.Text;
using CsCheck;
using Serverless.DuckDb.Drops;

namespace Serverless.DuckDb.Tests.Drops;

public sealed class PlainFormsTests
{
    [Theory]
    [InlineData("date,delay\n2001-01-05 10:11:12,-7\n2001-01-05,0\n")]
    [InlineData("a;b\r\n12;New York\r\n;\r\n")]
    [InlineData("a\tb\n\"7\"\t\"St. Louis\"\n")]
    [InlineData("")]
    [InlineData("name\nÅse Ø.\n")]
    public void Holds_PlainText_IsTrue(string text) => Holds(text).ShouldBeTrue();

    [Theory]
    [InlineData("1.5")]
    [InlineData(".5")]
    [InlineData("1e3")]
    [InlineData("0x1F")]
    [InlineData("1_000")]
    [InlineData("+7")]
    [InlineData("007")]
    [InlineData("\"007\"")]
    [InlineData("-01")]
    [InlineData("-0")]
    [InlineData(" 12")]
    [InlineData("12 ")]
    [InlineData("2001-01-05T10:11:12")]
    [InlineData("2001-01-05 10:11:12Z")]
    [InlineData("2001-01-05 10:11:12 UTC")]
    [InlineData("2001-01-05 10:11:12+02")]
    [InlineData("2001-01-05 10:11:12-05")]
    [InlineData("2001-01-05 10:11-05")]
    [InlineData("2001-01-05 10:11:12 -05")]
    [InlineData("2001-01-05 10:11:12.5")]
    public void Holds_CellThatCouldBeMisread_IsFalse(string cell)
    {
        Holds($"a,b\n{cell},x\n").ShouldBeFalse();
        Holds($"a,b\nx,{cell}\n").ShouldBeFalse();
        Holds(string.Concat(Enumerable.Repeat("2001-01-05 10:11:12,12\n", 20)) + $"2001-01-05 10:11:12,{cell}\n").ShouldBeFalse();
    }

    [Fact]
    public void Add_TextInParts_SaysWhatTheWholeSays()
    {
        var letters = Gen.Char["01:- ,\na."];
        Gen.Select(letters.Array[0, 60], Gen.Int[0, 60], Gen.Int[0, 60]).Sample((chars, i, j) =>
        {
            var bytes = Encoding.UTF8.GetBytes(chars);
            var (first, second) = (Math.Min(Math.Min(i, j), bytes.Length), Math.Min(Math.Max(i, j), bytes.Length));
            var forms = new PlainForms();
            forms.Add(bytes.AsSpan(0, first));
            forms.Add(bytes.AsSpan(first, second - first));
            forms.Add(bytes.AsSpan(second));
            forms.Holds.ShouldBe(Holds(new string(chars)));
        }, iter: 20_000);
    }

    // The rule itself, character by character.
    [Fact]
    public void Holds_AnyText_IsTheRuleByRegularExpression()
    {
        var rule = new System.Text.RegularExpressions.Regex("[0-9][A-Za-z._+]|[A-Za-z._+][0-9]|[0-9] [A-Za-z]| -|:.?.?-| [,;\t|\n\r\"]|[,;\t|\n\r\"] |[,;\t|\n\r\"](0[0-9]|-0)", System.Text.RegularExpressions.RegexOptions.Singleline);
        var letters = Gen.Char["05:- ,\n\"x._"];
        letters.Array[0, 80].Sample(chars => Holds(new string(chars)).ShouldBe(!rule.IsMatch(new string(chars))), iter: 20_000);
    }

    private static bool Holds(string text)
    {
        var forms = new PlainForms();
        forms.Add(Encoding.UTF8.GetBytes(text));
        return forms.Holds;
    }
}
