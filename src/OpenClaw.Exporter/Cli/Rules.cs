using System.CommandLine;
using System.CommandLine.Parsing;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command <c>rules</c>, which prints the alerting rules that fit this build.</summary>
static class Rules
{
    const string Prometheus = "prometheus";
    const string PrometheusRule = "prometheusrule";
    const string Alertmanager = "alertmanager";

    /// <summary>Creates the command with its flags.</summary>
    public static Command Command()
    {
        var format = new Option<string>("--format")
        {
            Description =
                "Format: a rules file of Prometheus, a PrometheusRule for Kubernetes, or a "
                + "configuration of the Alertmanager. In the last, an alert about a cause silences "
                + $"its effects; it takes no other flag. (default {Prometheus})",
            HelpName = $"{Prometheus}, {PrometheusRule} or {Alertmanager}",
            DefaultValueFactory = static _ => Prometheus,
        };
        format.AcceptOnlyFromAmong(Prometheus, PrometheusRule, Alertmanager);
        var selector = new Option<LabelSelector>("--selector")
        {
            Description =
                "Label matchers for every series of the exporter, such as "
                + "'job=\"openclaw\",cluster=\"a\"'. Use labels of the target. (default none)",
            HelpName = "label matchers",
            CustomParser = static result => Parsed(result, LabelSelector.Parse),
            DefaultValueFactory = static _ => LabelSelector.Empty,
        };
        var runbooks = new Option<string>("--runbook-base")
        {
            Description = $"Address of the folder with the runbooks. (default {RuleOptions.PublishedRunbooks})",
            HelpName = "an http or https address",
            CustomParser = static result => Parsed(result, RuleOptions.ParseRunbookBase),
            DefaultValueFactory = static _ => RuleOptions.PublishedRunbooks,
        };
        const string does = "Prints the alerting rules of this build, for Prometheus or its operator.";
        var command = new Verb(
            "rules",
            does,
            "rules --selector='cluster=\"a\"' > openclaw.rules.yml",
            "rules --format=prometheusrule | kubectl apply -f -"
        )
        {
            format,
            selector,
            runbooks,
        };
        command.SetAction(result =>
        {
            var options = new RuleOptions(result.GetRequiredValue(selector), result.GetRequiredValue(runbooks));
            result.InvocationConfiguration.Output.Write(
                result.GetValue(format) switch
                {
                    PrometheusRule => RuleFile.PrometheusRule(options),
                    Alertmanager => AlertmanagerConfiguration.Print(PoolCatalogue.All),
                    _ => RuleFile.Prometheus(options),
                }
            );
        });
        return command;
    }

    static T? Parsed<T>(ArgumentResult result, Func<string, T> parse)
        where T : class
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (SettingException error)
        {
            result.AddError($"{result.Argument.Name}: {error.Message}");
            return null;
        }
    }
}
