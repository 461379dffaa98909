using Serverless.Datasets;
using Serverless.Features;

namespace Serverless.Core.Tests.Features;

public sealed class ExpressionCompilerTests
{
    private static readonly RawSchema Schema = FeatureCompiler.SchemaOf(Fixture.Dataset);

    [Theory]
    [InlineData("date.Hour", 13)]
    [InlineData("int(date.DayOfWeek)", 5)]
    [InlineData("date.DayOfWeek", 5)]
    [InlineData("delay > 15", 1)]
    [InlineData("delay / 60", 0)]
    [InlineData("delay / 60.0", 0.7)]
    [InlineData("Math.Log(distance + 1)", 6.9087547793152204)]
    [InlineData("delay > 15 ? 10 : 20", 10)]
    [InlineData("iif(delay > 15, 1, 2)", 1)]
    [InlineData("iif(delay > 100, 1, null)", double.NaN)]
    [InlineData("origin == \"JFK\"", 1)]
    [InlineData("origin.Length", 3)]
    [InlineData("origin.Substring(0, 1) == \"J\" && weekend", 1)]
    [InlineData("(date - DateTime(2001, 1, 5)).TotalHours", 13.5)]
    [InlineData("delay in (41, 42)", 1)]
    [InlineData("1 / (delay - 42)", double.NaN)]
    [InlineData("origin.Substring(9, 1) == \"x\"", double.NaN)]
    public void Number_KnownRow_IsTheValueOfTheExpression(string expression, double expected)
    {
        var value = ExpressionCompiler.Compile(expression, Schema).Number(Row());
        if (double.IsNaN(expected)) value.ShouldBe(double.NaN);
        else value.ShouldBe(expected, 1e-12);
    }

    [Theory, InlineData("delay > 15"), InlineData("distance"), InlineData("date.Hour"), InlineData("origin == \"JFK\""), InlineData("delay + distance")]
    public void Number_ColumnMissing_IsNaN(string expression) =>
        ExpressionCompiler.Compile(expression, Schema).Number(Schema.NewRow()).ShouldBe(double.NaN);

    [Theory]
    [InlineData("distance"), InlineData("delay"), InlineData("weekend"), InlineData("origin"), InlineData("origin.Length"), InlineData("int(date.DayOfWeek)")]
    [InlineData("date.Year"), InlineData("date.Month"), InlineData("date.Day"), InlineData("date.Hour"), InlineData("date.Minute"), InlineData("date.Second")]
    [InlineData("date.DayOfYear"), InlineData("date.DayOfWeek")]
    public void Compile_ShortCut_EqualsTheGeneralCompiler(string expression)
    {
        var (quick, general) = (FastReaders.TryCreate(expression, Schema).ShouldNotBeNull(), ExpressionCompiler.CompileGeneral(expression, Schema));
        quick.Kind.ShouldBe(general.Kind);
        quick.Columns.ShouldBe(general.Columns);
        var table = Fixture.Table(2000);
        var (loader, row) = (new RowLoader(table, Schema), Schema.NewRow());
        for (var i = 0; i < table.Rows; i++)
        {
            loader.Load(i, row);
            quick.Number(row).ShouldBe(general.Number(row));
            quick.Text(row).ShouldBe(general.Text(row));
        }
    }

    [Theory]
    [InlineData("date.Houre", "'date.Houre' is not a member of timestamp (column 6). Did you mean 'Hour'? Members: Hour, Day, DayOfWeek, DayOfYear, Month, Year, Minute, Second, Date, TimeOfDay.")]
    [InlineData("distnce * 2", "'distnce' is not a column of the dataset (column 1). Did you mean 'distance'?")]
    [InlineData("delay + Distance", "'Distance' is not a column of the dataset (column 9). Did you mean 'distance'?")]
    [InlineData("delay.HasValue", "'delay.HasValue' is not a member of integer (column 7). An integer has no members.")]
    [InlineData("Math.Lg(delay)", "'Math.Lg' is not a function of Math that takes these arguments (column 6). Did you mean 'Log'?")]
    [InlineData("delay +", "'delay +' does not compile: Expression expected (column 7)")]
    [InlineData("origin.Substring(0, 1", "'origin.Substring(0, 1' does not compile: ')' or ',' expected (column 21)")]
    [InlineData("date", "'date' is a timestamp, not a number or text; take a part of it such as '.Hour', or a difference such as '(a - b).TotalDays'")]
    [InlineData("date - date", "'date - date' is a time span, not a number or text; take '.TotalDays', '.TotalHours' or '.TotalMinutes' of it")]
    [InlineData("DateTime.Now.Hour", "'DateTime.Now.Hour': 'Now' is not allowed: a feature must give the same value for the same row, today and in every later prediction")]
    [InlineData("Guid.NewGuid() == Guid.NewGuid()", "'Guid.NewGuid() == Guid.NewGuid()': 'NewGuid' is not allowed: a feature must give the same value for the same row, today and in every later prediction")]
    [InlineData("System.IO.File.Exists(origin)", "'System' is not a column of the dataset (column 1). Known: date, delay, distance, origin, weekend.")]
    [InlineData("  ", "the expression is empty")]
    public void Compile_BadExpression_SaysWhatAndWhere(string expression, string message) =>
        Should.Throw<ExpressionException>(() => ExpressionCompiler.Compile(expression, Schema)).Message.ShouldBe(message);

    [Theory, InlineData("origin.GetType().Name"), InlineData("GetType"), InlineData("new(delay as x)"), InlineData("origin.Foo()"), InlineData("weekend + 1"), InlineData("delay ?? 3")]
    public void Compile_RefusedOrNonsense_IsAnExpressionException(string expression) =>
        Should.Throw<ExpressionException>(() => ExpressionCompiler.Compile(expression, Schema)).Message.ShouldContain(expression);

    private static RawRow Row()
    {
        var row = Schema.NewRow();
        row.SetTimestamp(0, new DateTime(2001, 1, 5, 13, 30, 0).Ticks);
        row.SetInteger(1, 42);
        row.SetNumber(2, 1000);
        row.SetText(3, "JFK");
        row.SetBoolean(4, true);
        return row;
    }
}
