<?php
// Each line "@@THOUGHT" is replaced by the code that remedies give for it; what it must achieve stands behind it.
function told(string $thought, bool $condition): void
{
    echo $condition ? $thought : "FAILED $thought", "\n";
}

function pair(): array
{
    $listener = stream_socket_server('tcp://127.0.0.1:0');
    $client = stream_socket_client('tcp://' . stream_socket_get_name($listener, false));
    return [stream_socket_accept($listener), $client];
}

defined('IP_BIND_ADDRESS_NO_PORT') || define('IP_BIND_ADDRESS_NO_PORT', 24);
defined('IPPROTO_IP') || define('IPPROTO_IP', 0);
$address = 'tcp://127.0.0.1:0';
$server = stream_socket_server($address);
told('sets ReuseAddress by itself', socket_get_option(socket_import_stream($server), SOL_SOCKET, SO_REUSEADDR) !== 0);
foreach (scandir('/proc/self/fd') as $fd) {
    if (str_starts_with((string)@readlink("/proc/self/fd/$fd"), 'socket:')) {
        preg_match('/flags:\s*(\d+)/', file_get_contents("/proc/self/fdinfo/$fd"), $flags);
        told('does not set CloseOnExec', (octdec($flags[1]) & octdec('2000000')) === 0);
        told('shell closes descriptors', exec("exec $fd>&-; test -e /proc/self/fd/$fd || echo gone") === 'gone');
    }
}
$socket = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
@@ReuseAddress
told('ReuseAddress', socket_get_option($socket, SOL_SOCKET, SO_REUSEADDR) !== 0);
@@ReusePort
told('ReusePort', socket_get_option(socket_import_stream($server), SOL_SOCKET, SO_REUSEPORT) !== 0);
$socket = socket_create(AF_INET, SOCK_DGRAM, SOL_UDP);
@@ReuseAddressOfDatagrams
told('ReuseAddressOfDatagrams', socket_get_option($socket, SOL_SOCKET, SO_REUSEADDR) !== 0);
@@ReusePortOfDatagrams
told('ReusePortOfDatagrams', socket_get_option($socket, SOL_SOCKET, SO_REUSEPORT) !== 0);
@@SetV6Only
$server = stream_socket_server('tcp://[::]:0', $errno, $error, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
told('SetV6Only', socket_get_option(socket_import_stream($server), 41, 26) !== 0);
@@ClearV6Only
$server = stream_socket_server('tcp://[::]:0', $errno, $error, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
told('ClearV6Only', socket_get_option(socket_import_stream($server), 41, 26) === 0);
$socket = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
$source = '127.0.0.5';
@@BindAddressNoPort
socket_getsockname($socket, $name, $port);
told('BindAddressNoPort', $name === $source && $port === 0);
[$conn, $client] = pair();
fwrite($client, 'rest');
stream_socket_shutdown($client, STREAM_SHUT_WR);
@@CloseLast
told('CloseLast', !is_resource($conn) && fread($client, 1) === '');
[$conn, $client] = pair();
fclose($client);
fread($conn, 1);
@@CloseAfterEnd
told('CloseAfterEnd', !is_resource($conn));
$path = sys_get_temp_dir() . '/snippets-' . getmypid();
$left = socket_create(AF_UNIX, SOCK_STREAM, 0);
socket_bind($left, $path);
socket_close($left);
@@UnlinkBeforeBind
told('UnlinkBeforeBind', stream_socket_server('unix://' . $path) !== false);
if (function_exists('curl_init')) {
    @@KeepAlive
    told('KeepAlive', $curl !== false);
} else {
    echo "KeepAlive\n";
}
$server = stream_socket_server($address);
register_shutdown_function(fn () => told('EndOnSigterm', !is_resource($server)));
@@EndOnSigterm
posix_kill(getmypid(), SIGTERM);
sleep(10);
