using System.Text.Json;

namespace OpenClaw.Exporter.Tests;

/// <summary>The first sight of a dashboard: height, order, reasons and axes.</summary>
public class DashboardLayoutTests
{
    /// <summary>The height of the open part: 52 units of 38 pixels, less than two screens.</summary>
    const int MostRowsOfTheGrid = 52;

    public static TheoryData<string> Names => [.. Dashboard.All.Keys];

    /// <summary>An empty panel must not look like a healthy one.</summary>
    [Theory, MemberData(nameof(Names))]
    public void An_empty_panel_says_why_it_is_empty(string name)
    {
        foreach (var panel in Dashboard.All[name].Panels)
        {
            var reason = Text(panel.GetProperty("fieldConfig").GetProperty("defaults"), "noValue");
            var isTile = Text(panel, "type") == "stat";
            Assert.True(
                isTile ? reason.Length > 0 : reason.Split(' ').Length >= 3,
                $"{name} / {Text(panel, "title")}: expected a reason in noValue, not '{reason}'"
            );
        }
    }

    /// <summary>The top of a dashboard fits on two screens, and Grafana asks nothing for a closed row.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Rows_below_the_first_are_closed(string name)
    {
        var rows = Dashboard.All[name].PanelsAndRows.Where(static panel => Text(panel, "type") == "row").ToList();
        Assert.All(rows.Skip(1), static row =>
        {
            Assert.True(row.GetProperty("collapsed").GetBoolean(), Text(row, "title"));
            Assert.NotEqual(0, row.GetProperty("panels").GetArrayLength());
        });
        var open = Dashboard
            .All[name]
            .Json.GetProperty("panels")
            .EnumerateArray()
            .Where(static panel => Text(panel, "type") != "row")
            .Max(static panel =>
                panel.GetProperty("gridPos").GetProperty("y").GetInt32()
                + panel.GetProperty("gridPos").GetProperty("h").GetInt32()
            );
        Assert.InRange(open, 1, MostRowsOfTheGrid);
    }

    /// <summary>Shares of a threshold would put 99 % of one pool above 100 % of another.</summary>
    [Theory]
    [InlineData("openclaw-host", "Pools by fill level")]
    [InlineData("openclaw-namespaces", "Pools by fill level")]
    [InlineData("openclaw-fleet", "Machines by severity")]
    public void The_worst_pool_stands_on_top_with_its_owner_and_threshold(string name, string title)
    {
        var table = Dashboard.All[name].Panels.Single(panel => Text(panel, "title") == title);
        Assert.Equal(
            ["State", "Used"],
            table
                .GetProperty("options")
                .GetProperty("sortBy")
                .EnumerateArray()
                .Select(static column => Text(column, "displayName"))
        );
        var columns = table
            .GetProperty("transformations")
            .EnumerateArray()
            .Single(static step => Text(step, "id") == "organize")
            .GetProperty("options")
            .GetProperty("renameByName")
            .EnumerateObject()
            .Select(static column => column.Value.GetString());
        Assert.Empty(((string[])["State", "Owner or destination", "Used", "Critical at"]).Except(columns));
    }

    /// <summary>A linear axis up to 28,232 ports would show 2 ports as none.</summary>
    [Theory]
    [InlineData("openclaw-host", "Free connect ports, by destination")]
    [InlineData("openclaw-namespaces", "Free ports")]
    public void Few_free_ports_are_visible_beside_many(string name, string title) =>
        Assert.Equal(
            "symlog",
            Text(
                Dashboard
                    .All[name]
                    .Panels.Single(panel => Text(panel, "title") == title)
                    .GetProperty("fieldConfig")
                    .GetProperty("defaults")
                    .GetProperty("custom")
                    .GetProperty("scaleDistribution"),
                "type"
            )
        );

    static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) ? value.GetString()! : "";
}
