-- Adds to an existing eye_tracking_sessions what save_enhanced_tracking.php needs.
-- May be run any number of times: what is there stays. No row is changed.
-- MariaDB knows ADD COLUMN IF NOT EXISTS and MySQL does not, so the catalogue is asked;
-- this runs on both.

-- A table may have columns whose defaults a strict server takes no more, such as zero dates.
SET @sql_mode_before = @@SESSION.sql_mode;
SET SESSION sql_mode = '';

SET @statement = IF(
    EXISTS (
        SELECT 1 FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'eye_tracking_sessions'
            AND COLUMN_NAME = 'session_uuid'
    ),
    'DO 0',
    'ALTER TABLE eye_tracking_sessions ADD COLUMN session_uuid
        CHAR(36) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL'
);
PREPARE migration FROM @statement;
EXECUTE migration;
DEALLOCATE PREPARE migration;

SET @statement = IF(
    EXISTS (
        SELECT 1 FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'eye_tracking_sessions'
            AND COLUMN_NAME = 'seq'
    ),
    'DO 0',
    'ALTER TABLE eye_tracking_sessions ADD COLUMN seq INT UNSIGNED DEFAULT NULL'
);
PREPARE migration FROM @statement;
EXECUTE migration;
DEALLOCATE PREPARE migration;

SET @statement = IF(
    EXISTS (
        SELECT 1 FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'eye_tracking_sessions'
            AND COLUMN_NAME = 'session_uuid' AND NON_UNIQUE = 0
    ),
    'DO 0',
    'ALTER TABLE eye_tracking_sessions
        ADD UNIQUE KEY uq_eye_tracking_sessions_session_uuid (session_uuid)'
);
PREPARE migration FROM @statement;
EXECUTE migration;
DEALLOCATE PREPARE migration;

SET SESSION sql_mode = @sql_mode_before;
