namespace OpenClaw.Exporter.Cli.Top;

/// <summary>The tabs of top.</summary>
enum Tab
{
    /// <summary>The fullest level of each pool.</summary>
    Pools,

    /// <summary>Each destination with its ports.</summary>
    Destinations,

    /// <summary>Each process with its descriptors and the resources that it holds.</summary>
    Processes,

    /// <summary>Each network namespace with its fullest pool.</summary>
    Namespaces,
}

/// <summary>The orders of rows.</summary>
enum RowOrder
{
    /// <summary>The worst condition first, then the highest utilisation.</summary>
    Fullest,

    /// <summary>The greatest used amount first.</summary>
    Used,

    /// <summary>The names in alphabetical order.</summary>
    Name,
}

/// <summary>The views of top.</summary>
enum Pane
{
    /// <summary>The verdict, the problems and the rows of a tab.</summary>
    Overview,

    /// <summary>The details of the selected row.</summary>
    Detail,

    /// <summary>The remedy of a problem.</summary>
    Fix,

    /// <summary>The keys.</summary>
    Help,
}
