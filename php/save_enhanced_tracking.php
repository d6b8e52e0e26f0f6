<?php

/**
 * Stores the record of an eye tracking session: one file to drop into a site. PHP 8.1 or later.
 *
 * POST a JSON object. Required: user_id, module_id, focused_time, unfocused_time, total_time
 * (seconds), focus_percentage. With session_uuid and seq a session has one row however often
 * and in whatever order its records arrive; without, each call inserts a row, as ever.
 *
 * Answers {"success": true, "message", "record_id", "data_saved"} or, with status 400, 401,
 * 405, 409, 413, 500 or 503, {"success": false, "message", "code"}.
 *
 * Settings, each from the environment or from the array that tracking_config.php beside this
 * file returns: TRACKING_DB_DSN, TRACKING_DB_USER, TRACKING_DB_PASSWORD (without a DSN the
 * MYSQLHOST, MYSQLPORT, MYSQLDATABASE, MYSQLUSER, MYSQLPASSWORD of Railway are used), and
 * TRACKING_SAVE_SECRET: when it is set, unsigned requests are refused.
 */

declare(strict_types=1);

const LONGEST_BODY = 32768;
const SIGNATURE_WINDOW = 300; // seconds that the clocks of both sides may differ
const BIGGEST_INT = 2147483647; // of an INT column
const TABLE = 'eye_tracking_sessions';
const SESSION_TYPES = ['viewing', 'pause', 'resume']; // of the ENUM column
const TOTAL_TOLERANCE = 1.5; // seconds by which rounding may part total from its summands
const DEADLOCK = '40001'; // InnoDB chose this transaction to give way: it may simply be run again
const DEADLOCK_TRIES = 5;
const KNOWN_ERRORS = [
    '23' => [409, 'conflict', 'the record contradicts what the database holds'],
    '22' => [400, 'out_of_range', 'a value does not fit its column'],
];

final class Refusal extends RuntimeException
{
    public function __construct(
        public readonly int $status,
        public readonly string $reason,
        string $message,
    ) {
        parent::__construct($message);
    }
}

main();

function main(): void
{
    ini_set('display_errors', '0'); // a warning before the JSON would spoil it, and tell too much
    ini_set('serialize_precision', '-1');
    ob_start();
    try {
        [$status, $answer] = respond($_SERVER['REQUEST_METHOD'] ?? '');
    } catch (Refusal $refusal) {
        [$status, $answer] = [$refusal->status, failure($refusal->reason, $refusal->getMessage())];
    } catch (Throwable $error) {
        error_log('save_enhanced_tracking: ' . $error::class . ': ' . $error->getMessage());
        [$status, $answer] = [500, failure('internal', 'the record was not stored')];
    }
    ob_end_clean();
    send($status, $answer);
}

function respond(string $method): array
{
    // Tells a forwarder that posting the same session_uuid and seq twice is harmless.
    header('X-Tracking-Key: session_uuid, seq');
    if ($method === 'OPTIONS') {
        header('Allow: OPTIONS, POST');
        return [204, null];
    }
    if ($method !== 'POST') {
        header('Allow: OPTIONS, POST');
        throw new Refusal(405, 'method', 'POST a JSON object');
    }
    $body = body();
    $signature = check_signature($body);
    if (($_SERVER['HTTP_X_TRACKING_CHECK'] ?? '') === 'health') {
        return [200, health($signature !== null)];
    }
    return [200, store(record(parsed($body), $signature))];
}

function failure(string $code, string $message): array
{
    return ['success' => false, 'message' => $message, 'code' => $code];
}

function send(int $status, ?array $answer): void
{
    http_response_code($status);
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    if ($status === 503) {
        header('Retry-After: 5');
    }
    if ($answer !== null) {
        header('Content-Type: application/json; charset=utf-8');
        echo json_encode($answer, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
    }
}

// ---------------------------------------------------------------- the request

function setting(string $name): ?string
{
    static $file = null;
    $path = __DIR__ . '/tracking_config.php';
    $file ??= is_file($path) ? (array) require $path : [];
    $value = $file[$name] ?? getenv($name);
    return is_string($value) && $value !== '' ? $value : null;
}

function body(): string
{
    $body = (string) file_get_contents('php://input', false, null, 0, LONGEST_BODY + 1);
    if (strlen($body) > LONGEST_BODY) {
        throw new Refusal(413, 'too_large', 'the record is too large');
    }
    return $body;
}

/** X-Signature: v1=hex(HMAC-SHA256(secret, X-Timestamp "." body)) */
function check_signature(string $body): ?string
{
    $secret = setting('TRACKING_SAVE_SECRET');
    if ($secret === null) {
        return null;
    }
    $timestamp = (string) ($_SERVER['HTTP_X_TIMESTAMP'] ?? '');
    $signature = (string) ($_SERVER['HTTP_X_SIGNATURE'] ?? '');
    $expected = 'v1=' . hash_hmac('sha256', $timestamp . '.' . $body, $secret);
    if (preg_match('/^\d{1,12}$/D', $timestamp) !== 1 || !hash_equals($expected, $signature)) {
        throw new Refusal(401, 'signature', 'the signature is missing or wrong');
    }
    if (abs(time() - (int) $timestamp) > SIGNATURE_WINDOW) {
        throw new Refusal(401, 'expired', 'the signature is too old, or a clock is wrong');
    }
    return $signature;
}

function parsed(string $body): array
{
    try {
        $data = json_decode($body, false, 16, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
    } catch (JsonException) {
        throw new Refusal(400, 'json', 'the body is no JSON');
    }
    if (!$data instanceof stdClass) {
        throw new Refusal(400, 'json', 'the body is no JSON object');
    }
    return (array) $data;
}

// ---------------------------------------------------------------- the record

/**
 * The checked record: the columns of the table by name.
 *
 * A signed one without session_uuid gets one of its signature, so that a post that is played again
 * is the same session's, and no second row.
 */
function record(array $data, ?string $signature): array
{
    if (($data['save_mode'] ?? null) === 'delta') {
        throw new Refusal(
            409,
            'delta',
            'this endpoint keeps totals: set TRACKING_SAVE_MODE to summary or upsert',
        );
    }
    $uuid = session_uuid($data);
    $adds_up = $uuid !== null;
    if ($uuid === null && $signature !== null) {
        [$uuid, $data['seq']] = [uuid_of($signature), 1];
    }
    return [
        'user_id' => id($data, 'user_id', 1),
        'module_id' => id($data, 'module_id', 1),
        'section_id' => section_id($data),
        ...seconds($data, $adds_up),
        'session_type' => session_type($data),
        'session_data' => session_data($data),
        'session_uuid' => $uuid,
        'seq' => $uuid === null ? null : id($data, 'seq', 1),
    ];
}

function session_uuid(array $data): ?string
{
    $uuid = $data['session_uuid'] ?? null;
    if ($uuid === null) {
        return null;
    }
    $form = '/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iD';
    if (!is_string($uuid) || preg_match($form, $uuid) !== 1) {
        throw invalid('session_uuid', 'must be a UUID');
    }
    return strtolower($uuid);
}

function uuid_of(string $signature): string
{
    return vsprintf('%s-%s-%s-%s-%s', sscanf(hash('sha256', $signature), '%8s%4s%4s%4s%12s'));
}

/** A whole number, as a number or as decimal text; how large, the column says. */
function id(array $data, string $name, int $least): int
{
    $value = $data[$name] ?? null;
    if (is_float($value) && floor($value) === $value && abs($value) < 2 ** 53) {
        $value = (int) $value; // JSON knows one kind of number
    }
    if (is_string($value) && preg_match('/^\d{1,18}$/D', $value) === 1) {
        $value = (int) $value;
    }
    if (!is_int($value) || $value < $least) {
        throw invalid($name, "must be a whole number from $least");
    }
    return $value;
}

function section_id(array $data): ?int
{
    $given = ($data['section_id'] ?? null) !== null && $data['section_id'] !== '';
    return $given ? id($data, 'section_id', 0) : null;
}

/** The columns are whole seconds: rounded so that total = focused + unfocused. */
function seconds(array $data, bool $must_add_up): array
{
    $focused = number($data, 'focused_time');
    $unfocused = number($data, 'unfocused_time');
    $total = number($data, 'total_time');
    $adds_up = abs($total - $focused - $unfocused) <= TOTAL_TOLERANCE;
    if ($must_add_up && !$adds_up) {
        throw invalid('total_time', 'must be focused_time + unfocused_time');
    }
    [$focused, $unfocused] = [(int) round($focused), (int) round($unfocused)];
    return [
        'total_time_seconds' => $adds_up ? $focused + $unfocused : (int) round($total),
        'focused_time_seconds' => $focused,
        'unfocused_time_seconds' => $unfocused,
    ];
}

function session_type(array $data): string
{
    // Old services send "websocket_cv_tracking", which the ENUM does not know.
    $type = $data['session_type'] ?? 'viewing';
    return in_array($type, SESSION_TYPES, true) ? $type : 'viewing';
}

/** What has no column, and the seconds exactly as they were measured. */
function session_data(array $data): string
{
    number($data, 'focus_percentage', 100);
    $exact = exact($data);
    $kept = [];
    foreach (['focused_time', 'unfocused_time', 'unknown_time', 'total_time', 'elapsed'] as $name) {
        $kept += optional_number($exact + $data, $name);
    }
    foreach (['focus_percentage', 'completion_percentage', 'focus_sessions', 'unfocus_sessions',
        'blink_count', 'blink_rate', 'perclos', 'frames_processed', 'detection_rate', 'attention_score', 'seq',
    ] as $name) {
        $kept += optional_number($data, $name);
    }
    foreach (['unfocused_by_cause', 'unknown_by_cause', 'gaze_directions'] as $name) {
        $kept += by_cause($data, $name);
    }
    foreach (['end_reason', 'client', 'timestamp', 'session_type', 'session_uuid'] as $name) {
        $kept += optional_word($data, $name);
    }
    return json_encode($kept, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
}

function exact(array $data): array
{
    $exact = $data['session_data'] ?? new stdClass();
    if (!$exact instanceof stdClass) {
        throw invalid('session_data', 'must be an object');
    }
    return (array) $exact;
}

function by_cause(array $data, string $name): array
{
    $causes = $data[$name] ?? null;
    if ($causes === null) {
        return [];
    }
    if ($causes === []) {
        return []; // PHP writes an empty object so
    }
    if (!$causes instanceof stdClass || count((array) $causes) > 32) {
        throw invalid($name, 'must be an object of seconds by cause');
    }
    $kept = new stdClass();
    foreach ((array) $causes as $cause => $_) {
        $kept->{$cause} = number((array) $causes, (string) $cause);
    }
    return [$name => $kept];
}

function optional_number(array $data, string $name): array
{
    return isset($data[$name]) ? [$name => number($data, $name)] : [];
}

function optional_word(array $data, string $name): array
{
    $value = $data[$name] ?? null;
    if ($value === null) {
        return [];
    }
    if (!is_string($value) || strlen($value) > 64) {
        throw invalid($name, 'must be a short text');
    }
    return [$name => $value];
}

function number(array $data, string $name, float $most = BIGGEST_INT): int|float
{
    $value = $data[$name] ?? null;
    if (!is_int($value) && !is_float($value)) {
        throw invalid($name, 'must be a number');
    }
    if (!is_finite((float) $value) || $value < 0 || $value > $most) {
        throw invalid($name, "must be from 0 to $most");
    }
    return $value;
}

function invalid(string $name, string $rule): Refusal
{
    return new Refusal(400, 'invalid', "$name $rule");
}

// ---------------------------------------------------------------- the database

function store(array $record): array
{
    $database = connected();
    $record = fitted($record, columns($database));
    $id = saved_id($database, $record);
    return [
        'success' => true,
        'message' => 'Tracking data saved',
        'record_id' => $id,
        'data_saved' => saved($database, $id),
    ];
}

/** Whether a record would be stored: the database is asked, nothing is written. */
function health(bool $signed): array
{
    $columns = columns(connected());
    return [
        'success' => true,
        'message' => 'nothing was stored',
        'health' => ['signed' => $signed, 'once' => isset($columns['session_uuid'])],
    ];
}

function saved_id(PDO $database, array $record, int $tries = DEADLOCK_TRIES): int
{
    try {
        return ($record['session_uuid'] ?? null) === null
            ? inserted($database, $record)
            : upserted($database, $record);
    } catch (PDOException $error) {
        if ($database->inTransaction()) {
            $database->rollBack();
        }
        if ((string) $error->getCode() !== DEADLOCK || $tries === 1) {
            throw known($error);
        }
    }
    return saved_id($database, $record, $tries - 1);
}

function connected(): PDO
{
    try {
        $database = new PDO(dsn(), database_user(), database_password(), [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_EMULATE_PREPARES => false,
            PDO::ATTR_TIMEOUT => 5,
        ]);
        // Strict: else an out-of-range value is silently cut to fit. And nothing else: a server's own
        // modes change what quotes and operators mean.
        $database->exec("SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'");
        return $database;
    } catch (PDOException $error) {
        error_log('save_enhanced_tracking: no database: ' . $error->getMessage());
        throw new Refusal(503, 'database', 'the database is out of reach');
    }
}

function dsn(): string
{
    $dsn = setting('TRACKING_DB_DSN') ?? sprintf(
        'mysql:host=%s;port=%s;dbname=%s',
        setting('MYSQLHOST') ?? '127.0.0.1',
        setting('MYSQLPORT') ?? '3306',
        setting('MYSQLDATABASE') ?? '',
    );
    return str_contains($dsn, 'charset=') ? $dsn : $dsn . ';charset=utf8mb4';
}

function database_user(): ?string
{
    return setting('TRACKING_DB_USER') ?? setting('MYSQLUSER');
}

function database_password(): ?string
{
    return setting('TRACKING_DB_PASSWORD') ?? setting('MYSQLPASSWORD');
}

/** The table's columns by name, each as SHOW COLUMNS tells it. */
function columns(PDO $database): array
{
    try {
        $found = $database->query('SHOW COLUMNS FROM ' . TABLE)->fetchAll();
    } catch (PDOException $error) {
        error_log('save_enhanced_tracking: ' . $error->getMessage());
        throw new Refusal(500, 'not_migrated', 'there is no table ' . TABLE . ': apply schema.sql');
    }
    return array_column($found, null, 'Field');
}

/** The record as this site's table takes it; sites have made theirs in many ways. */
function fitted(array $record, array $columns): array
{
    if ($record['session_uuid'] !== null && !isset($columns['session_uuid'], $columns['seq'])) {
        throw new Refusal(500, 'not_migrated', 'the table lacks session_uuid: apply migrate.sql');
    }
    foreach (['user_id', 'module_id', 'section_id'] as $name) {
        $most = most($columns[$name]['Type'] ?? '');
        if ($record[$name] > $most) {
            throw invalid($name, "must not be greater than $most");
        }
    }
    $section = $columns['section_id'] ?? null;
    if ($record['section_id'] === null && ($section['Null'] ?? 'YES') === 'NO') {
        $record['section_id'] = (int) ($section['Default'] ?? 0);
    }
    if (preg_match('/^(?:var)?char\((\d+)\)/i', $columns['session_data']['Type'] ?? '', $size) === 1) {
        $record['session_data'] = shortened($record['session_data'], (int) $size[1]);
    }
    foreach ($columns as $name => $column) {
        if (!array_key_exists($name, $record) && must_be_given($column)) {
            $record[$name] = nothing($column['Type']);
        }
    }
    return array_intersect_key($record, $columns);
}

/** The largest whole number that a column of this type takes. */
function most(string $type): int
{
    $bits = ['tinyint' => 7, 'smallint' => 15, 'mediumint' => 23, 'int' => 31];
    preg_match('/^\w+/', strtolower($type), $word);
    $size = $bits[$word[0] ?? ''] ?? 62;
    return 2 ** ($size + (str_contains($type, 'unsigned') && $size < 62 ? 1 : 0)) - 1;
}

function must_be_given(array $column): bool
{
    $made = preg_match('/auto_increment|generated|virtual|stored|persistent/i', $column['Extra']) === 1;
    return $column['Null'] === 'NO' && $column['Default'] === null && !$made;
}

/** What a column of this type holds that nobody has told anything. */
function nothing(string $type): int|string
{
    return match (true) {
        preg_match('/^(tinyint|smallint|mediumint|int|bigint|dec|num|float|double|real|bit|year)/i', $type) === 1 => 0,
        preg_match('/^(date|timestamp)/i', $type) === 1 => gmdate('Y-m-d H:i:s'),
        preg_match('/^time/i', $type) === 1 => '00:00:00',
        preg_match("/^(?:enum|set)\\('((?:[^']|'')*)'/i", $type, $first) === 1 => str_replace("''", "'", $first[1]),
        preg_match('/^json/i', $type) === 1 => '{}',
        default => '',
    };
}

/** As many of the members as fit, the first ones: the exact seconds. */
function shortened(string $json, int $most): string
{
    $kept = (array) json_decode($json, false);
    while (strlen($json) > $most && $kept !== []) {
        array_pop($kept);
        $json = json_encode((object) $kept, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
    }
    return $json;
}

function inserted(PDO $database, array $record): int
{
    unset($record['session_uuid'], $record['seq']); // works before migrate.sql was run, too
    $database->prepare(insert_statement($record))->execute(array_values($record));
    return (int) $database->lastInsertId();
}

/** One atomic statement, for two posts of a session may arrive at the same time. */
function upserted(PDO $database, array $record): int
{
    $newer = [];
    $changing = ['total_time_seconds', 'focused_time_seconds', 'unfocused_time_seconds',
        'session_type', 'session_data', 'seq', // seq last: what stands before it compares with it
    ];
    foreach (array_intersect($changing, array_keys($record)) as $column) {
        // Another unique key of the table may lead to a row of another session, or of none.
        $newer[] = "$column = IF(session_uuid = VALUES(session_uuid) AND VALUES(seq) > seq,"
            . " VALUES($column), $column)";
    }
    $statement = insert_statement($record)
        . ' ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), ' . implode(', ', $newer);
    $database->beginTransaction();
    $database->prepare($statement)->execute(array_values($record));
    $id = (int) $database->lastInsertId();
    refuse_strangers(row($database, $id, 'session_uuid, user_id, module_id, section_id'), $record);
    $database->commit();
    return $id;
}

function insert_statement(array $record): string
{
    $columns = array_keys($record);
    return 'INSERT INTO ' . TABLE . ' (`' . implode('`, `', $columns) . '`)'
        . ' VALUES (' . implode(', ', array_fill(0, count($columns), '?')) . ')';
}

/** A session belongs to one student, module and section; what was written is rolled back. */
function refuse_strangers(array $row, array $record): void
{
    if (strtolower((string) ($row['session_uuid'] ?? '')) !== $record['session_uuid']) {
        throw new Refusal(409, 'conflict', 'a unique key of the table holds a row of another session');
    }
    foreach (['user_id', 'module_id', 'section_id'] as $column) {
        if (!same($row[$column] ?? null, $record[$column] ?? null)) {
            throw new Refusal(409, 'conflict', "the session has another $column");
        }
    }
}

/** By value: a column may be text, decimal or filled with zeros. */
function same(int|float|string|null $stored, ?int $given): bool
{
    return $stored === null || $given === null
        ? $stored === $given
        : is_numeric($stored) && $stored == $given;
}

function saved(PDO $database, int $id): array
{
    return row($database, $id, 'user_id, module_id, section_id, total_time_seconds,'
        . ' focused_time_seconds, unfocused_time_seconds, session_type');
}

function row(PDO $database, int $id, string $columns): array
{
    $statement = $database->prepare("SELECT $columns FROM " . TABLE . ' WHERE id = ?');
    $statement->execute([$id]);
    return $statement->fetch() ?: [];
}

/** What the caller did wrong gets its own status; the rest is ours, and only logged. */
function known(PDOException $error): Throwable
{
    $class = substr((string) $error->getCode(), 0, 2);
    if (!isset(KNOWN_ERRORS[$class])) {
        return $error;
    }
    error_log('save_enhanced_tracking: ' . $error->getMessage());
    return new Refusal(...KNOWN_ERRORS[$class]);
}
