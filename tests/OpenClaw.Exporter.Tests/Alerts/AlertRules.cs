using System.Collections.Immutable;

namespace OpenClaw.Exporter.Tests.Alerts;

/// <summary>
/// The Prometheus rules file, rendered: nothing at run time needs it, so it lives beside the test that keeps the committed
/// file the same. What it says of a pool comes from the catalogue; thresholds it takes from the exporter's own metrics.
/// </summary>
static class AlertRules
{
    /// <summary>Where the rendered file is committed.</summary>
    public const string Path = "alerts/openclaw-network.rules.yml";

    /// <summary>The whole file.</summary>
    public static string Render() => $$$"""
        # Written by AlertRulesTests from the lists of pools, symptoms and alerts: change AlertCatalogue.cs, FailureAlert.cs or
        # PoolCatalogue.cs, then run the tests with OPENCLAW_UPDATE_GENERATED=1. Needs Prometheus 2.42 or newer
        # (keep_firing_for). Scrape every 15s to 1m; a scrape may be lost now and then. Evaluate as often, or every 15s.
        #
        # Alerts carry the labels severity, code, pool and netns (none for a resource of the whole machine), and subject where
        # somebody in particular holds it: a destination, a process. What is about no pool, or no code, has no such label: an
        # empty one Prometheus drops.
        groups:
          # A pool that is full or will be.
          - name: openclaw-network
            rules:
        {{{Rules(AlertCatalogue.Pools)}}}
          # What fails already. The exporter counts for how many quarters of a minute of the last five it has: every counter of
          # every machine, read here at each evaluation, would take a Prometheus longer than all other rules together.
          - name: openclaw-network-failures
            rules:
        {{{Rules([.. FailureAlert.All.Select(static failure => failure.Rule), .. AlertCatalogue.Refusals])}}}
          # What will fail at the next restart, or slowly.
          - name: openclaw-network-drift
            interval: 1m
            rules:
        {{{Records([AlertCatalogue.Before, AlertCatalogue.NewlyRefused])}}}
        {{{Rules(AlertCatalogue.Drift)}}}
          # The exporter itself.
          - name: openclaw-network-exporter
            rules:
        {{{Records([AlertCatalogue.Present])}}}
        {{{Rules([AlertCatalogue.ExporterFailing])}}}
          # Over a day nothing is lost by looking at intervals; in between Prometheus keeps the alerts as they are.
          - name: openclaw-network-creep
            interval: 15m
            rules:
        {{{Records([AlertCatalogue.Floor, .. AlertCatalogue.FloorsBefore, AlertCatalogue.Left])}}}
        {{{Rules([AlertCatalogue.Creep])}}}
        """.TrimEnd() + "\n";

    static string Records(ImmutableArray<RecordedSeries> series) => Text.Indented(string.Join('\n', series.Select(static one => one.Render())), 6);

    static string Rules(ImmutableArray<AlertingRule> alerts) => Text.Indented(string.Join('\n', alerts.Select(static alert => alert.Render())), 6);
}
