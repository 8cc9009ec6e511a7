// @ts-check
// The words of the scenario language, as docs/scenario-language.md has them; a test holds them against that page.

/** What a statement may begin with. */
export const statements = [
  'set', 'bind', 'listen', 'connect', 'disconnect', 'send', 'receive', 'shutdown', 'close', 'abort', 'wait', 'state', 'name', 'hold',
  'release', 'lose', 'repeat', 'stream', 'signal', 'exit', 'retry', 'sysctl', 'expect',
];

/** What opens a socket, after `name =`. */
export const protocols = ['tcp', 'tcp4', 'tcp6', 'udp', 'udp4', 'udp6'];

/** Words within statements. */
export const particles = [
  'accept', 'scenario', 'in', 'user', 'device', 'to', 'for', 'of', 'by', 'claimed', 'read', 'write', 'both', 'data', 'syn', 'fin', 'ack',
  'reset', 'INT', 'TERM', 'KILL',
];

/** Options that are a word alone, and what each stands for. */
export const flags = {
  reuseaddr: 'SO_REUSEADDR=1', reuseport: 'SO_REUSEPORT=1', v6only: 'IPV6_V6ONLY=1', dual: 'IPV6_V6ONLY=0', freebind: 'IP_FREEBIND=1',
  noport: 'IP_BIND_ADDRESS_NO_PORT=1', transparent: 'IP_TRANSPARENT=1',
};

/** Options that take a value. */
export const options = [
  'SO_REUSEADDR', 'SO_REUSEPORT', 'IPV6_V6ONLY', 'IP_FREEBIND', 'IP_BIND_ADDRESS_NO_PORT', 'IP_TRANSPARENT', 'IPV6_FREEBIND',
  'SO_BINDTODEVICE', 'IP_LOCAL_PORT_RANGE', 'SO_LINGER',
];

/** The sysctls that a scenario may set. */
export const sysctls = [
  'net.ipv4.ip_autobind_reuse', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.ip_nonlocal_bind',
  'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_max_tw_buckets', 'net.ipv4.tcp_rfc1337',
  'net.ipv4.tcp_timestamps', 'net.ipv4.tcp_tw_reuse', 'net.ipv4.tcp_tw_reuse_delay', 'net.ipv6.bindv6only', 'net.ipv6.ip_nonlocal_bind',
];

/** The usual results of a step. */
export const results = [
  'ok', 'ENOSOCK', 'EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EAGAIN', 'ECONNREFUSED', 'ESRCH', 'ECONNRESET',
  'EDESTADDRREQ', 'EINVAL', 'EISCONN', 'ENOTCONN', 'ENETUNREACH', 'ENODEV', 'EOPNOTSUPP', 'EPERM', 'EPIPE',
];

/** The states that `state` may give. */
export const states = [
  'LISTEN', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'NEW_SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'CLOSING', 'TIME_WAIT', 'CLOSE_WAIT',
  'LAST_ACK', 'BOUND', 'UNCONN', 'CLOSED',
];
