using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Namespaces;

/// <summary>One network namespace of a snapshot, with the machine that it is part of.</summary>
public sealed class NamespaceView
{
    readonly Readings _machine;
    readonly Readings _readings;

    internal NamespaceView(string name, NetworkNamespace? netns, Readings machine, Readings readings) =>
        (Name, Namespace, _machine, _readings) = (name, netns, machine, readings);

    /// <summary>Its name, the value of the label <c>netns</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// Its owner and processes; null where the namespaces could not be listed, so that only the own one is known.
    /// </summary>
    public NetworkNamespace? Namespace { get; }

    /// <summary>True for the one that the exporter runs in.</summary>
    public bool IsOwn => Namespace is not { IsOwn: false };

    /// <summary>Why it was not entered, so that at most what shows from outside was read; null when it was.</summary>
    public Missing? NotEntered { get; init; }

    /// <summary>The namespace's own value of this type, or the machine's where it has that once.</summary>
    public Reading<T> Get<T>()
    {
        if (_readings.Has<T>())
            return _readings.Get<T>();
        return _machine.Has<T>() ? _machine.Get<T>() : NotEntered ?? Missing.NotAsked<T>();
    }

    /// <summary>The part of that value that could not be read; null when nothing is missing.</summary>
    public Missing? FailureOf<T>() => _readings.Has<T>() ? _readings.FailureOf<T>() : _machine.FailureOf<T>();
}
