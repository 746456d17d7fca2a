using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Counts the sockets of a dump for each cgroup.</summary>
sealed class CgroupFold
{
    /// <summary>The limit on cgroups that are counted one by one. All later cgroups are counted together.</summary>
    const int CgroupsAtMost = 1024;

    readonly Dictionary<ulong, int> _places = [];
    CgroupSockets[] _cgroups = new CgroupSockets[16];
    CgroupSockets _rest;

    // Consecutive sockets often have the same cgroup: the two ends of a connection, the workers of a server.
    int _last = -1;

    public void Clear()
    {
        _places.Clear();
        _rest = default;
        _last = -1;
    }

    public void Add(in SocketRecord record) => Add(record.State, record.CgroupId, 1);

    /// <summary>Adds sockets of a cgroup in one state.</summary>
    public void Add(TcpState state, ulong cgroup, long sockets)
    {
        if (sockets > 0 && CgroupSockets.Counts(state))
            Find(cgroup).Add(state, sockets);
    }

    /// <summary>Returns the cgroups with the most sockets first.</summary>
    public ImmutableArray<CgroupSockets> ToCgroups() =>
        [
            .. _cgroups
                .Take(_places.Count)
                .OrderByDescending(static cgroup => cgroup.Total)
                .ThenBy(static cgroup => cgroup.Id),
        ];

    /// <summary>The sockets of the cgroups above the limit, counted together.</summary>
    public CgroupSockets Rest => _rest;

    ref CgroupSockets Find(ulong id)
    {
        if (_last >= 0 && _cgroups[_last].Id == id)
            return ref _cgroups[_last];
        if (!_places.TryGetValue(id, out _last))
        {
            _last = -1;
            if (_places.Count == CgroupsAtMost)
                return ref _rest;
            _last = _places.Count;
            _places.Add(id, _last);
            if (_last == _cgroups.Length)
                Array.Resize(ref _cgroups, 2 * _last);
            _cgroups[_last] = new(id);
        }

        return ref _cgroups[_last];
    }
}
